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

    /// <summary>The pause before a try; null when it is not worth another one.</summary>
    /// <param name="tries">Tries before it, from 0.</param>
    /// <param name="exception">What the last one met.</param>
    internal TimeSpan? PauseBefore(int tries, Exception exception) =>
        !IsHandled(exception) ? null
        : tries < pauses.Count ? pauses[tries]
        : IsOutage(exception) && tries < pauses.Count + OutageTries ? OutagePause
        : null;

    private sealed class PolicyContext<T>(OutageRetryPolicy policy, T context) : BaseRetryPolicyContext<T>(policy, context)
        where T : class, PipeContext
    {
        protected override RetryContext<T> CreateRetryContext(Exception exception, CancellationToken cancellationToken) =>
            new Try<T>(policy, Context, exception, 0, cancellationToken);
    }

    private sealed class Try<T>(OutageRetryPolicy policy, T context, Exception exception, int count, CancellationToken cancellationToken)
        : BaseRetryContext<T>(context, exception, count, cancellationToken), RetryContext<T>
        where T : class, PipeContext
    {
        public override TimeSpan? Delay => policy.PauseBefore(RetryCount, Exception);

        bool RetryContext<T>.CanRetry(Exception exception, out RetryContext<T> retryContext)
        {
            retryContext = new Try<T>(policy, Context, exception, RetryCount + 1, CancellationToken);
            return policy.PauseBefore(RetryCount + 1, exception) is not null;
        }
    }
}
