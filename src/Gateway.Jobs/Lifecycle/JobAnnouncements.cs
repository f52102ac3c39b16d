using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using MassTransit;

namespace Gateway.Jobs.Lifecycle;

/// <summary>
/// What other services are told of a job, published in the transaction that moves it. Never a prompt, an output or a word
/// that a run reported about itself.
/// </summary>
internal static class JobAnnouncements
{
    /// <summary>The process of the newest attempt runs.</summary>
    public static Task AnnounceStartedAsync(this BehaviorContext<Job> c, DateTimeOffset startedAt) => c.AnnounceAsync(new AgentJobStarted
    {
        EventId = IdOf(c.Saga, nameof(AgentJobStarted)),
        JobId = c.Saga.CorrelationId,
        Job = JobIdText.Format(c.Saga.CorrelationId),
        Tenant = c.Saga.Tenant,
        CorrelationId = c.Saga.RequestCorrelationId,
        Cli = c.Saga.Cli,
        Attempt = c.Saga.Attempt,
        Status = c.Saga.Status(),
        CreatedAt = At(c.Saga.CreatedAtMs),
        StartedAt = startedAt,
    }, c.Saga);

    /// <summary>The newest attempt ended, another one follows.</summary>
    public static Task AnnounceRetryAsync(this BehaviorContext<Job> c, string state, string? failureKind, DateTimeOffset notBefore) => c.AnnounceAsync(new AgentJobRetrying
    {
        EventId = IdOf(c.Saga, nameof(AgentJobRetrying)),
        JobId = c.Saga.CorrelationId,
        Job = JobIdText.Format(c.Saga.CorrelationId),
        Tenant = c.Saga.Tenant,
        CorrelationId = c.Saga.RequestCorrelationId,
        Cli = c.Saga.Cli,
        Attempt = c.Saga.Attempt,
        Status = JobStates.StatusOf(state),
        CreatedAt = At(c.Saga.CreatedAtMs),
        FailureKind = failureKind,
        NotBefore = notBefore,
        CostUsd = c.Saga.CostUsd,
    }, c.Saga);

    /// <summary>The job is completed.</summary>
    public static Task AnnounceCompletedAsync(this BehaviorContext<Job> c) => c.AnnounceAsync(new AgentJobCompleted
    {
        EventId = IdOf(c.Saga, nameof(AgentJobCompleted)),
        JobId = c.Saga.CorrelationId,
        Job = JobIdText.Format(c.Saga.CorrelationId),
        Tenant = c.Saga.Tenant,
        CorrelationId = c.Saga.RequestCorrelationId,
        Cli = c.Saga.Cli,
        Attempt = c.Saga.Attempt,
        Status = JobStates.StatusOf(nameof(JobLifecycle.Completed)),
        CreatedAt = At(c.Saga.CreatedAtMs),
        StartedAt = At(c.Saga.StartedAtMs),
        FinishedAt = FinishedAt(c.Saga),
        CostUsd = c.Saga.CostUsd,
    }, c.Saga);

    /// <summary>The job failed.</summary>
    public static Task AnnounceFailedAsync(this BehaviorContext<Job> c) => c.AnnounceAsync(new AgentJobFailed
    {
        EventId = IdOf(c.Saga, nameof(AgentJobFailed)),
        JobId = c.Saga.CorrelationId,
        Job = JobIdText.Format(c.Saga.CorrelationId),
        Tenant = c.Saga.Tenant,
        CorrelationId = c.Saga.RequestCorrelationId,
        Cli = c.Saga.Cli,
        Attempt = c.Saga.Attempt,
        Status = JobStates.StatusOf(nameof(JobLifecycle.Failed)),
        CreatedAt = At(c.Saga.CreatedAtMs),
        StartedAt = At(c.Saga.StartedAtMs),
        FinishedAt = FinishedAt(c.Saga),
        FailureKind = c.Saga.FailureKind ?? FailureKinds.Internal,
        PolicyHash = c.Saga.FailurePolicyHash,
        CostUsd = c.Saga.CostUsd,
    }, c.Saga);

    /// <summary>The job is canceled.</summary>
    public static Task AnnounceCanceledAsync(this BehaviorContext<Job> c) => c.AnnounceAsync(new AgentJobCanceled
    {
        EventId = IdOf(c.Saga, nameof(AgentJobCanceled)),
        JobId = c.Saga.CorrelationId,
        Job = JobIdText.Format(c.Saga.CorrelationId),
        Tenant = c.Saga.Tenant,
        CorrelationId = c.Saga.RequestCorrelationId,
        Cli = c.Saga.Cli,
        Attempt = c.Saga.Attempt,
        Status = JobStates.StatusOf(nameof(JobLifecycle.Canceled)),
        CreatedAt = At(c.Saga.CreatedAtMs),
        StartedAt = At(c.Saga.StartedAtMs),
        FinishedAt = FinishedAt(c.Saga),
        CostUsd = c.Saga.CostUsd,
    }, c.Saga);

    /// <summary>The id of an event: made of what it tells of, so that it is the same wherever and however often it is made.</summary>
    internal static Guid IdOf(Job job, string kind)
    {
        Span<byte> bytes = stackalloc byte[20 + kind.Length];
        job.CorrelationId.TryWriteBytes(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes[16..], job.Attempt);
        Encoding.ASCII.GetBytes(kind, bytes[20..]);
        return new Guid(SHA256.HashData(bytes).AsSpan(0, 16));
    }

    private static Task AnnounceAsync<T>(this BehaviorContext<Job> c, T message, Job job)
        where T : class => c.Publish(message, Pipe.Execute<PublishContext<T>>(publish =>
        {
            publish.MessageId = IdOf(job, typeof(T).Name);
            publish.CorrelationId = job.CorrelationId;
        }), c.CancellationToken);

    private static DateTimeOffset FinishedAt(Job job) => At(job.FinishedAtMs) ?? throw new InvalidOperationException("A final job has an end.");

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    private static DateTimeOffset? At(long? ms) => ms is null ? null : At(ms.Value);
}
