using Gateway.Jobs.Audit;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage;

/// <summary>The tables of who may do what: keys, counters, approvals, audit.</summary>
internal static class PolicyTables
{
    private const int HashChars = 64;

    public static void Map(ModelBuilder model)
    {
        MapCounters(model);
        MapApprovals(model);
        MapAudit(model);
        MapAnchors(model);
        MapKeys(model);
    }

    private static void MapCounters(ModelBuilder model)
    {
        model.Entity<GateRow>(gate =>
        {
            gate.ToTable("Gates");
            gate.HasKey(g => g.Key);
            gate.Property(g => g.Key).HasMaxLength(HashChars);
        });
        model.Entity<CounterRow>(counter =>
        {
            counter.ToTable("Counters");
            counter.HasKey(c => c.Key);
            counter.Property(c => c.Key).HasMaxLength(HashChars);
            counter.Property(c => c.Tool).HasMaxLength(64);
            counter.Property(c => c.Counter).HasMaxLength(80);
            counter.HasIndex(c => c.WindowEndMs);
        });
        model.Entity<ReservationRow>(reservation =>
        {
            reservation.ToTable("Reservations");
            reservation.HasKey(r => new { r.JobId, r.CounterKey });
            reservation.Property(r => r.CounterKey).HasMaxLength(HashChars);
        });
    }

    private static void MapApprovals(ModelBuilder model) => model.Entity<ApprovalRow>(approval =>
    {
        approval.ToTable("Approvals");
        approval.HasKey(a => a.ApprovalId);
        approval.Property(a => a.ApprovalId).ValueGeneratedNever();
        approval.Property(a => a.Status).HasMaxLength(16).IsConcurrencyToken();
        approval.Property(a => a.Tenant).HasMaxLength(64);
        approval.Property(a => a.Grant).HasMaxLength(256);
        approval.Property(a => a.GrantLabel).HasMaxLength(64);
        approval.Property(a => a.Cli).HasMaxLength(16);
        approval.Property(a => a.Tool).HasMaxLength(64);
        approval.Property(a => a.Mode).HasMaxLength(8);
        approval.Property(a => a.Policy).HasMaxLength(64);
        approval.Property(a => a.PolicyHash).HasMaxLength(32);
        approval.Property(a => a.Rule).HasMaxLength(300);
        approval.Property(a => a.RuleHash).HasMaxLength(32);
        approval.Property(a => a.Reason).HasMaxLength(500);
        approval.Property(a => a.CallHash).HasMaxLength(HashChars + 16);
        approval.Property(a => a.ArgumentNamesJson).HasMaxLength(4000);
        approval.Property(a => a.PromptPreview).CutAt(500);
        approval.Property(a => a.PromptSha256).HasMaxLength(HashChars + 16);
        approval.Property(a => a.DecidedBy).HasMaxLength(256);
        approval.Property(a => a.Comment).CutAt(500);
        // Lists: newest first within a tenant. The same call again; the waiting job; what has expired.
        approval.HasIndex(a => new { a.Tenant, a.CreatedAtMs, a.ApprovalId });
        approval.HasIndex(a => new { a.Tenant, a.Grant, a.CallHash });
        approval.HasIndex(a => a.JobId);
        approval.HasIndex(a => new { a.Status, a.ExpiresAtMs });
    });

    private static void MapAudit(ModelBuilder model)
    {
        model.Entity<AuditRow>(record =>
        {
            record.ToTable("Audit");
            record.HasKey(a => a.AuditId);
            record.Property(a => a.AuditId).ValueGeneratedOnAdd();
            record.Property(a => a.Tenant).HasMaxLength(64);
            record.Property(a => a.Grant).HasMaxLength(256);
            record.Property(a => a.Method).HasMaxLength(64);
            record.Property(a => a.Tool).HasMaxLength(64);
            record.Property(a => a.Decision).HasMaxLength(16);
            record.Property(a => a.Mac).HasMaxLength(AuditKeys.HashChars).HasDefaultValue("");
            record.HasIndex(a => a.AtMs);
        });
        model.Entity<AuditSealRow>(seal =>
        {
            seal.ToTable("AuditSeals");
            seal.HasKey(s => s.Seq);
            seal.Property(s => s.Seq).ValueGeneratedNever();
            seal.Property(s => s.Hash).HasMaxLength(HashChars);
            seal.Property(s => s.KeyId).HasMaxLength(16);
            seal.HasIndex(s => s.AuditId).IsUnique();
        });
    }

    private static void MapAnchors(ModelBuilder model) => model.Entity<AuditAnchorRow>(anchor =>
    {
        anchor.ToTable("AuditAnchors");
        anchor.HasKey(a => a.Name);
        anchor.Property(a => a.Name).HasMaxLength(8);
        anchor.Property(a => a.Hash).HasMaxLength(HashChars);
        anchor.Property(a => a.Mac).HasMaxLength(AuditKeys.HashChars);
    });

    private static void MapKeys(ModelBuilder model)
    {
        model.Entity<ApiKeyRow>(key =>
        {
            key.ToTable("ApiKeys");
            key.HasKey(k => k.KeyId);
            key.Property(k => k.KeyId).ValueGeneratedNever();
            key.Property(k => k.Prefix).HasMaxLength(16);
            key.Property(k => k.Hash).HasMaxLength(HashChars);
            key.Property(k => k.PepperId).HasMaxLength(16);
            key.Property(k => k.Label).HasMaxLength(64);
            key.Property(k => k.Tenant).HasMaxLength(64);
            key.Property(k => k.Scopes).HasMaxLength(200);
            key.HasIndex(k => k.Prefix);
        });
        model.Entity<PolicyTextRow>(text =>
        {
            text.ToTable("PolicyTexts");
            text.HasKey(t => t.Hash);
            text.Property(t => t.Hash).HasMaxLength(32);
            text.Property(t => t.Name).HasMaxLength(64);
        });
    }
}
