namespace Gateway.Contracts.Values;

/// <summary>What a worker saw of one CLI when it last looked. Names no path and no secret.</summary>
public sealed record CliReport
{
    /// <summary>The CLI, such as <c>claude</c>.</summary>
    public required string Cli { get; init; }

    /// <summary>Version that the installed program says; null when there is none, or it did not say.</summary>
    public string? Version { get; init; }

    /// <summary>Why there is no version, in words.</summary>
    public string? Error { get; init; }

    /// <summary>Whether its credential is there: one of <see cref="CliLogins"/>.</summary>
    public string Login { get; init; } = CliLogins.Unknown;

    /// <summary>What to do about the credential; null when nothing.</summary>
    public string? LoginGuidance { get; init; }

    /// <summary>Flags that the gateway uses and the program's own help does not name; null when it was not asked.</summary>
    public IReadOnlyList<string>? MissingFlags { get; init; }
}
