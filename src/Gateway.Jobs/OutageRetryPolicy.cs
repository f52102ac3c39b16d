using System.Data.Common;
using MassTransit;
using MassTransit.RetryPolicies;

namespace Gateway.Jobs;

/// <summary>
/// Repeats what a database refused. A conflict or a busy row is tried a few times and given up, since the fault may be the message's own;
/// a database that cannot be reached is waited for, since the next message would fare no better and a queue of errors would only fill.
/// </summary>
internal sealed class OutageRetryPolicy(IExceptionFilter handled, IReadOnlyList<TimeSpan> pauses) : IRetryPolicy
{
    // Below the half hour after which a broker takes a delivery for lost. The sender's next try is served by whoever reaches the database.
    private const int OutageTries = 600;
    private static readonly TimeSpan OutagePause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public RetryPolicyContext<T> CreatePolicyContext<T>(T context)
        where T : class, PipeContext => new PolicyContext<T>(this, context);

    /// <inheritdoc/>
    public bool IsHandled(Exception exception) => handled.Match(exception);

    /// <inheritdoc/>
    public void Probe(ProbeContext context) => context.CreateScope("outageRetry");

    /// <summary>Whether the fault is that the database is away, however deep it is wrapped.</summary>
    internal static bool IsOutage(Exception problem)
    {
        for (var at = problem; at is not null; at = at.InnerException)
        {
            if (at is DbException { IsTransient: true })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The pause before another try; null when it is not worth one.</summary>
    /// <param name="refusals">Earlier tries that the database refused.</param>
    /// <param name="outages">Earlier tries that did not reach it; they say nothing of the message, which often meets its own repeat afterwards.</param>
    /// <param name="exception">What the last try met.</param>
    internal TimeSpan? PauseBefore(int refusals, int outages, Exception exception) => (IsHandled(exception), IsOutage(exception)) switch
    {
        (true, true) when outages < pauses.Count => pauses[outages],
        (true, true) when outages < OutageTries => OutagePause,
        (true, false) when refusals < pauses.Count => pauses[refusals],
        _ => null,
    };

    private sealed class PolicyContext<T>(OutageRetryPolicy policy, T context) : BaseRetryPolicyContext<T>(policy, context)
        where T : class, PipeContext
    {
        protected override RetryContext<T> CreateRetryContext(Exception exception, CancellationToken cancellationToken) =>
            new Try<T>(policy, Context, exception, 0, 0, cancellationToken);
    }

    private sealed class Try<T>(OutageRetryPolicy policy, T context, Exception exception, int refusals, int outages, CancellationToken cancellationToken)
        : BaseRetryContext<T>(context, exception, refusals + outages, cancellationToken), RetryContext<T>
        where T : class, PipeContext
    {
        private readonly int _refusals = refusals;
        private readonly int _outages = outages;

        public override TimeSpan? Delay => policy.PauseBefore(_refusals, _outages, Exception);

        bool RetryContext<T>.CanRetry(Exception exception, out RetryContext<T> retryContext)
        {
            // The try that this one stands for is over; what it was for is counted.
            var (refused, away) = IsOutage(Exception) ? (_refusals, _outages + 1) : (_refusals + 1, _outages);
            retryContext = new Try<T>(policy, Context, exception, refused, away, CancellationToken);
            return policy.PauseBefore(refused, away, exception) is not null;
        }
    }
}
