namespace Gateway.Processes.Launching;

/// <summary>Runs short helper programs (credential helpers, version questions) to their end, with everything bounded.</summary>
public static class ProgramRunner
{
    /// <summary>Runs a program with empty stdin and returns what it said. A failing program is a result, not an exception.</summary>
    /// <param name="program">Absolute path.</param>
    /// <param name="arguments">Arguments after the program's name.</param>
    /// <param name="environment">The whole environment of the program.</param>
    /// <param name="timeout">Longest run time; then its tree is killed.</param>
    /// <param name="maxBytes">Most bytes kept of each stream; the rest is dropped.</param>
    /// <param name="cancellationToken">Kills the program's tree.</param>
    /// <exception cref="ArgumentException">A text holds NUL.</exception>
    public static Task<CapturedProgram> CaptureAsync(
        string program,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        TimeSpan timeout,
        int maxBytes,
        CancellationToken cancellationToken) => throw new PlatformNotSupportedException();
}
