using Gateway.Contracts.Events;
using Gateway.Contracts.Values;

namespace Gateway.ConformanceTests.Support;

/// <summary>What a worker reports of a run.</summary>
internal static class Reports
{
    public static RunResult Result { get; } = new() { EndedAt = DateTimeOffset.UnixEpoch.AddYears(56), ExitCode = 0, HasAnswer = true, Streams = [] };

    public static RunCompleted Completed(Guid jobId, int attempt, Guid worker, long epoch = 1) =>
        new() { JobId = jobId, Attempt = attempt, WorkerId = worker, Epoch = epoch, Result = Result };

    public static RunFailed Failed(Guid jobId, int attempt, Guid worker, string message, long epoch = 1) => new()
    {
        JobId = jobId,
        Attempt = attempt,
        WorkerId = worker,
        Epoch = epoch,
        Failure = new RunFailure { Kind = FailureKinds.Internal, Message = message, Retryable = true },
        Result = Result,
    };
}
