using Gateway.Jobs.Audit;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Storage.Audit;

/// <summary>Gives every record its keyed hash when it is written, whoever writes it, and counts it: one without is from nobody who has the key.</summary>
/// <param name="services">Has the keys; asked at the first record, so that who only looks at a database needs none.</param>
/// <param name="writes">Counts the records.</param>
internal sealed class AuditMacInterceptor(IServiceProvider services, AuditWrites writes) : SaveChangesInterceptor
{
    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Sign(eventData.Context);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Sign(eventData.Context);
        return ValueTask.FromResult(result);
    }

    private void Sign(DbContext? db)
    {
        if (db is null)
        {
            return;
        }

        // What was added is known as added: nothing has to be compared for it, in every commit.
        var detects = db.ChangeTracker.AutoDetectChangesEnabled;
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        foreach (var entry in db.ChangeTracker.Entries<AuditRow>())
        {
            if (entry is { State: EntityState.Added, Entity: { Mac.Length: 0 } row })
            {
                row.Mac = services.GetRequiredService<AuditKeys>().OfRecord(AuditRows.EntryOf(row, null).Parts());
                writes.Add();
            }
        }

        db.ChangeTracker.AutoDetectChangesEnabled = detects;
    }
}
