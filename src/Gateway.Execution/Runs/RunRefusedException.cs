using Gateway.Contracts.Values;

namespace Gateway.Execution.Runs;

/// <summary>A run that cannot be started as stated; nothing was started. Becomes <see cref="Gateway.Contracts.Events.RunFailed"/>.</summary>
/// <param name="failure">What its caller will read.</param>
public sealed class RunRefusedException(RunFailure failure) : Exception(failure.Message)
{
    /// <summary>What its caller will read.</summary>
    public RunFailure Failure { get; } = failure;

    /// <summary>Exit code that stands for the refusal; null when there is none.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Makes one that no repetition can mend.</summary>
    /// <param name="kind">One of <see cref="FailureKinds"/>.</param>
    /// <param name="message">What went wrong and what to do, at most 500 characters.</param>
    public static RunRefusedException Of(string kind, string message) =>
        new(new RunFailure { Kind = kind, Message = message, Retryable = false });
}
