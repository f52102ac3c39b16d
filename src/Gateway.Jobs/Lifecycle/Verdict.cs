using Gateway.Contracts.Events;
using Gateway.Jobs.Parking;
using MassTransit;

namespace Gateway.Jobs.Lifecycle;

/// <summary>
/// Which decisions count: those on the request that the row names, and those on the attempt that would come next. The id of
/// a request is 16 random bytes that no worker is ever told, so none can put consent into the lifecycle's queue.
/// </summary>
internal static class Verdict
{
    /// <summary>The consent is of the request that is open.</summary>
    public static bool IsOnRequest(BehaviorContext<Job, ApprovalGiven> c) => c.Saga.ApprovalId == c.Message.ApprovalId;

    /// <summary>The no is of the request that is open.</summary>
    public static bool IsOnRequest(BehaviorContext<Job, ApprovalRefused> c) => c.Saga.ApprovalId == c.Message.ApprovalId;

    /// <summary>What was voided is the newest request.</summary>
    public static bool IsOnRequest(BehaviorContext<Job, ApprovalVoided> c) => c.Saga.ApprovalId == c.Message.ApprovalId;

    /// <summary>The attempt has not been granted meanwhile, and the job is one that does not wait.</summary>
    public static bool IsOnNext(BehaviorContext<Job, UsageLimitMet> c) => c.Message.Attempt == c.Saga.Attempt + 1 && c.Saga.OnUsageLimit == UsageLimitChoice.Fail;

    /// <summary>The attempt has not been granted meanwhile.</summary>
    public static bool IsOnNext(BehaviorContext<Job, QueueWaitEnded> c) => c.Message.Attempt == c.Saga.Attempt + 1;

    /// <summary>The attempt has not been granted meanwhile.</summary>
    public static bool IsOnNext(BehaviorContext<Job, ReleaseRefused> c) => c.Message.Attempt == c.Saga.Attempt + 1;
}
