using Gateway.SagaPersistence;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Tests.SagaPersistence;

internal sealed class TicketDb(DbContextOptions<TicketDb> options) : DbContext(options)
{
    public DbSet<Ticket> Tickets => Set<Ticket>();

    public DbSet<Note> Notes => Set<Note>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddOutboxAndInbox();
        modelBuilder.Entity<Ticket>(ticket =>
        {
            ticket.HasKey(t => t.CorrelationId);
            ticket.Property(t => t.CorrelationId).ValueGeneratedNever();
            ticket.Property(t => t.Version).IsConcurrencyToken();
        });
    }
}
