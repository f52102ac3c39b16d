using Gateway.Contracts.Values;

namespace Gateway.Execution.Runs;

/// <summary>How a run went.</summary>
internal enum RunVerdictKind
{
    /// <summary>The CLI succeeded.</summary>
    Completed,

    /// <summary>It failed; <see cref="RunVerdict.Failure"/> says why.</summary>
    Failed,

    /// <summary>It was stopped because a cancel was asked.</summary>
    Canceled,

    /// <summary>It was stopped because its worker goes.</summary>
    Interrupted,

    /// <summary>Its runner or its lease went away under it.</summary>
    Lost,
}

/// <summary>The judgement of a run that has ended.</summary>
internal sealed record RunVerdict
{
    /// <summary>How it went.</summary>
    public required RunVerdictKind Kind { get; init; }

    /// <summary>Exit code to report, which Gateway may have set.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Why it failed.</summary>
    public RunFailure? Failure { get; init; }
}
