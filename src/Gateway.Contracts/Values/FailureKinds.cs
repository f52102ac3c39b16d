namespace Gateway.Contracts.Values;

/// <summary>The words of <c>failure.kind</c>: why a job failed. Wire format: never renamed.</summary>
public static class FailureKinds
{
    /// <summary>Non-zero exit without a better reason, a signal from outside, or stdin closed early.</summary>
    public const string CliError = "cli_error";

    /// <summary>The program was not found (exit code 127) or is not executable (126).</summary>
    public const string CliMissing = "cli_missing";

    /// <summary>The model provider failed after the CLI's own retries, or refused the request.</summary>
    public const string ApiError = "api_error";

    /// <summary>The provider refused the credential, or there is none.</summary>
    public const string AuthError = "auth_error";

    /// <summary>The provider's usage limit is reached, and the job may not wait for its end.</summary>
    public const string UsageLimit = "usage_limit";

    /// <summary>The wall clock of the attempt ran out (exit code 124).</summary>
    public const string Timeout = "timeout";

    /// <summary>Neither stdout nor stderr said anything for too long (exit code 125).</summary>
    public const string IdleTimeout = "idle_timeout";

    /// <summary>More output than the cap allows (exit code 126).</summary>
    public const string OutputLimit = "output_limit";

    /// <summary><c>maxBudgetUsd</c> was reached.</summary>
    public const string BudgetExceeded = "budget_exceeded";

    /// <summary><c>maxTurns</c> was reached.</summary>
    public const string MaxTurns = "max_turns";

    /// <summary>Exit 0 without a final record, or without the structured output that was asked for.</summary>
    public const string InvalidOutput = "invalid_output";

    /// <summary>The worker is gone and no further attempt is allowed or safe.</summary>
    public const string WorkerLost = "worker_lost";

    /// <summary>The worker could not take the job as stated.</summary>
    public const string Rejected = "rejected";

    /// <summary>A rule of a policy keeps the job from starting.</summary>
    public const string PolicyDenied = "policy_denied";

    /// <summary>A person said no.</summary>
    public const string ApprovalRejected = "approval_rejected";

    /// <summary>Nobody decided in time.</summary>
    public const string ApprovalExpired = "approval_expired";

    /// <summary>It waited in the queue for longer than the operator allows (exit code 75).</summary>
    public const string Expired = "expired";

    /// <summary>A limit of the sandbox or of the machine ended the run.</summary>
    public const string ResourceLimit = "resource_limit";

    /// <summary>A defect of Gateway.</summary>
    public const string Internal = "internal";
}
