using Gateway.Policies.Limits;
using Gateway.Storage.Model;

namespace Gateway.Storage.Limits;

/// <summary>The counters of the transaction that is open in a context.</summary>
internal sealed class StoreCounters(GatewayDb db) : ICounters
{
    private readonly LimitStatements statements = LimitStatements.For(db);

    public async Task<decimal?> TryAddAsync(Charge charge, CancellationToken cancellationToken)
    {
        var limit = charge.Limit;
        var row = new CounterRow
        {
            Key = charge.Key,
            Tool = limit.Tool,
            Counter = limit.Counter,
            WindowStartMs = charge.WindowStart.ToUnixTimeMilliseconds(),
            WindowEndMs = charge.WindowEnd.ToUnixTimeMilliseconds(),
            UsedMicros = Micros.Of(limit.Amount),
        };
        // Where there is no row yet, nothing would be compared.
        return limit.Amount <= limit.Max && await statements.TryAddAsync(db, row, Micros.Of(limit.Max), cancellationToken) is { } used ? Micros.ToAmount(used) : null;
    }

    public async Task<decimal> ReadAsync(Charge charge, CancellationToken cancellationToken) =>
        Micros.ToAmount(await statements.ReadAsync(db, charge.Key, cancellationToken));
}
