using Gateway.SagaPersistence.Inbox;
using Gateway.SagaPersistence.Outbox;
using Microsoft.EntityFrameworkCore;

namespace Gateway.SagaPersistence;

/// <summary>The tables of this project, for the application's own model and migrations.</summary>
public static class ModelBuilderExtensions
{
    /// <summary>Longest text of <see cref="OutboxRow.DeadReason"/>, in characters.</summary>
    public const int DeadReasonLength = 1000;

    /// <summary>Adds <see cref="OutboxRow"/> (table Outbox) and <see cref="InboxRow"/> (table Inbox): the same model for SQLite, PostgreSQL and SQL Server.</summary>
    public static ModelBuilder AddOutboxAndInbox(this ModelBuilder model)
    {
        model.Entity<OutboxRow>(row =>
        {
            row.ToTable("Outbox");
            row.HasKey(r => r.Seq);
            row.Property(r => r.Seq).ValueGeneratedOnAdd();
            row.Property(r => r.Destination).HasMaxLength(500);
            row.Property(r => r.ContentType).HasMaxLength(200);
            row.Property(r => r.MessageType).HasMaxLength(2000);
            row.Property(r => r.DeadReason).HasMaxLength(DeadReasonLength);
            // The sweeper's question. No index on MessageId: rows are settled by Seq, and each index is paid on every insert and delete.
            row.HasIndex(r => new { r.LockedUntilMs, r.DueMs });
        });
        model.Entity<InboxRow>(row =>
        {
            row.ToTable("Inbox");
            row.HasKey(r => new { r.MessageId, r.ConsumerId });
            row.Property(r => r.MessageId).ValueGeneratedNever();
            row.Property(r => r.ConsumerId).ValueGeneratedNever();
            row.HasIndex(r => r.ReceivedMs);
        });
        return model;
    }
}
