using Microsoft.Extensions.Logging;

namespace Gateway.Jobs.Approvals;

/// <summary>Ends what nobody decided in time. Every API process may sweep: of two at once one closes a request.</summary>
public sealed partial class ApprovalSweeper(IApprovalStore store, TimeProvider clock, ILogger<ApprovalSweeper> logger) : PeriodicService(clock)
{
    private const int Batch = 50;

    /// <inheritdoc />
    protected override TimeSpan Interval => TimeSpan.FromSeconds(5);

    /// <summary>Looks once.</summary>
    /// <param name="cancellationToken">Ends the sweep after the batch under way.</param>
    /// <returns>How many requests have expired.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var total = 0;
        int count;
        do
        {
            count = await store.ExpireAsync(Batch, cancellationToken);
            total += count;
        }
        while (count == Batch);
        if (total > 0)
        {
            LogExpired(total);
        }

        return total;
    }

    /// <inheritdoc />
    protected override Task RoundAsync(CancellationToken cancellationToken) => SweepAsync(cancellationToken);

    [LoggerMessage(EventId = 2041, Level = LogLevel.Information, Message = "{Count} requests for approval were decided by nobody in time")]
    private partial void LogExpired(int count);

    /// <inheritdoc />
    [LoggerMessage(EventId = 2042, Level = LogLevel.Error, Message = "Requests for approval whose time is over could not be closed; the next round tries again")]
    protected override partial void LogFailed(Exception problem);
}
