using System.Text.Json.Nodes;
using Gateway.Policies.Limits;

namespace Gateway.Policies.Cases;

/// <summary>A store that is thrown away: counters, jobs, approvals and audit, one transaction at a time.</summary>
internal sealed class SimulatedStore : IDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private readonly Dictionary<string, decimal> counters = new(StringComparer.Ordinal);

    public List<SimulatedJob> Jobs { get; } = [];

    public List<SimulatedApproval> Approvals { get; } = [];

    public List<JsonObject> Audit { get; } = [];

    public DateTimeOffset Now { get; set; }

    public void Dispose() => gate.Dispose();

    /// <summary>Runs something alone.</summary>
    public async Task<T> AloneAsync<T>(Func<Task<T>> act, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await act().ConfigureAwait(false);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The counters of a transaction: nothing is kept before its commit.</summary>
    public CounterTransaction Begin() => new(counters);

    /// <summary>Puts the real cost in the place of what was reserved, in the window of the reservation.</summary>
    public void Correct(SimulatedJob job, decimal cost)
    {
        foreach (var charge in job.Reservations)
        {
            counters[charge.Key] = counters.GetValueOrDefault(charge.Key) - charge.Limit.Amount + Amounts.RoundUp(cost);
        }

        job.Reservations = [];
    }

    internal sealed class CounterTransaction(Dictionary<string, decimal> counters) : ICounters
    {
        private readonly Dictionary<string, decimal> changed = new(StringComparer.Ordinal);

        public Task<decimal?> TryAddAsync(Charge charge, CancellationToken cancellationToken)
        {
            var next = Read(charge.Key) + charge.Limit.Amount;
            if (next > charge.Limit.Max)
            {
                return Task.FromResult<decimal?>(null);
            }

            changed[charge.Key] = next;
            return Task.FromResult<decimal?>(next);
        }

        public Task<decimal> ReadAsync(Charge charge, CancellationToken cancellationToken) => Task.FromResult(Read(charge.Key));

        public void Commit()
        {
            foreach (var (key, used) in changed)
            {
                counters[key] = used;
            }
        }

        private decimal Read(string key) => changed.TryGetValue(key, out var used) ? used : counters.GetValueOrDefault(key);
    }
}
