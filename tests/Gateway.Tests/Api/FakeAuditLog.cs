using System.Collections.Concurrent;
using Gateway.Jobs;
using Gateway.Jobs.Audit;

namespace Gateway.Tests.Api;

/// <summary>Records in memory.</summary>
internal sealed class FakeAuditLog : IAuditLog
{
    private readonly ConcurrentQueue<AuditRecord> records = new();

    public IReadOnlyList<AuditRecord> Records => [.. records];

    /// <summary>Whether it cannot be written.</summary>
    public bool IsAway { get; set; }

    public Task AppendAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        if (IsAway)
        {
            throw new StoreUnavailableException("Away.", new IOException());
        }

        records.Enqueue(record);
        return Task.CompletedTask;
    }
}
