namespace Gateway.Hosting.Startup;

/// <summary>A host cannot start, for reasons that it can tell one by one, with an exit code of their own.</summary>
/// <param name="what">What cannot be used, such as <c>policy files</c>.</param>
/// <param name="faults">Everything that is wrong, a line each.</param>
/// <param name="exitCode">Exit code of the process.</param>
public sealed class StartRefusedException(string what, IReadOnlyList<string> faults, int exitCode) : Exception($"The {what} have {faults.Count} faults.")
{
    /// <summary>What cannot be used.</summary>
    public string What { get; } = what;

    /// <summary>Everything that is wrong, a line each.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;

    /// <summary>Exit code of the process.</summary>
    public int ExitCode { get; } = exitCode;
}
