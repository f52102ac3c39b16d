using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Gateway.SagaPersistence.Sagas;

/// <summary>Raises the version of every modified <see cref="ISagaVersion"/>. From the original value, so that a repeated save raises it once.</summary>
internal sealed class SagaVersionInterceptor : SaveChangesInterceptor
{
    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Raise(eventData.Context);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default)
    {
        Raise(eventData.Context);
        return ValueTask.FromResult(result);
    }

    private static void Raise(DbContext? db)
    {
        foreach (var entry in db?.ChangeTracker.Entries<ISagaVersion>() ?? [])
        {
            if (entry.State == EntityState.Modified)
            {
                var version = entry.Property(saga => saga.Version);
                version.CurrentValue = version.OriginalValue + 1;
            }
        }
    }
}
