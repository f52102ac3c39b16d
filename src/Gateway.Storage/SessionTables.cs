using Gateway.Jobs.Sessions;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage;

/// <summary>The tables of conversations, and of what one job at a time may have.</summary>
internal static class SessionTables
{
    public static void Map(ModelBuilder model)
    {
        model.Entity<SessionRow>(session =>
        {
            session.ToTable("Sessions");
            session.HasKey(s => s.SessionId);
            session.Property(s => s.SessionId).ValueGeneratedNever();
            session.Property(s => s.Tenant).HasMaxLength(64);
            session.Property(s => s.Grant).HasMaxLength(256);
            session.Property(s => s.Cli).HasMaxLength(16);
            session.Property(s => s.Description).HasMaxLength(200);
            session.Property(s => s.Workspace).HasMaxLength(64);
            session.Property(s => s.WorkingDirectory).HasMaxLength(1024);
            session.Property(s => s.WorktreeJson).HasMaxLength(1000);
            session.Property(s => s.ProviderSessionId).HasMaxLength(64);
            session.Property(s => s.Model).CutAt(128);
            session.Property(s => s.CostUsd).HasPrecision(18, 6);
            session.HasIndex(s => new { s.Tenant, s.Grant, s.Cli, s.LastUsedAtMs });
            session.HasIndex(s => s.LastUsedAtMs);
            // Retention: whether a conversation goes on from a job that is too old. Nobody pays for one that has not begun.
            session.HasIndex(s => s.HeadJobId).HasFilter("\"HeadJobId\" IS NOT NULL");
        });
        model.Entity<ActiveSessionRow>(active =>
        {
            active.ToTable("ActiveSessions");
            active.HasKey(a => new { a.Tenant, a.Grant, a.Cli });
            active.Property(a => a.Tenant).HasMaxLength(64);
            active.Property(a => a.Grant).HasMaxLength(256);
            active.Property(a => a.Cli).HasMaxLength(16);
            active.HasIndex(a => a.SessionId);
        });
        model.Entity<TurnRow>(turn =>
        {
            turn.ToTable("Turns");
            turn.HasKey(t => t.Key);
            turn.Property(t => t.Key).HasMaxLength(TurnKeys.MaxChars);
            turn.HasIndex(t => t.JobId);
        });
        model.Entity<TurnWaitRow>(wait =>
        {
            wait.ToTable("TurnWaits");
            wait.HasKey(w => new { w.Key, w.JobId });
            wait.Property(w => w.Key).HasMaxLength(TurnKeys.MaxChars);
            wait.HasIndex(w => new { w.Key, w.IsReady, w.Seq });
            wait.HasIndex(w => w.JobId);
        });
    }
}
