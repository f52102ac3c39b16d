using Gateway.Processes.Launching;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;

namespace Gateway.Processes.Runner;

/// <summary>A start order without its stdin and its secret: what goes over the socket and, without the values of the environment, into <c>spec.json</c>.</summary>
internal sealed record RunSpec
{
    public required RunId Id { get; init; }

    public required string Program { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required string WorkingDirectory { get; init; }

    public DirectoryIdentity? WorkingDirectoryIdentity { get; init; }

    public TimeSpan Timeout { get; init; }

    public TimeSpan IdleTimeout { get; init; }

    public TimeSpan Deadline { get; init; }

    public TimeSpan StopGrace { get; init; }

    public long OutputCapBytes { get; init; }

    public required RunSandbox Sandbox { get; init; }

    /// <summary>Null from a worker of an older version.</summary>
    public RunLimits? Limits { get; init; }

    public static RunSpec From(StartRun run) => new()
    {
        Id = run.Id,
        Program = run.Program,
        Arguments = run.Arguments,
        Environment = run.Environment,
        WorkingDirectory = run.WorkingDirectory,
        WorkingDirectoryIdentity = run.WorkingDirectoryIdentity,
        Timeout = run.Timeout,
        IdleTimeout = run.IdleTimeout,
        Deadline = run.Deadline,
        StopGrace = run.StopGrace,
        OutputCapBytes = run.OutputCapBytes,
        Sandbox = run.Sandbox,
        Limits = run.Limits,
    };

    /// <summary>What is wrong with it, or null.</summary>
    public string? Fault()
    {
        IEnumerable<string> texts =
        [
            Program, WorkingDirectory, .. Arguments, .. Environment.Keys, .. Environment.Values, .. Sandbox.WritablePaths, .. Sandbox.ReadOnlyPaths, .. Sandbox.Pins,
        ];
        if (texts.Any(text => text.Contains('\0')))
        {
            return "A text holds a NUL character, at which the program would see it end.";
        }

        if (Environment.Keys.Any(name => name.Length == 0 || name.Contains('=')))
        {
            return "The name of an environment variable is empty or holds '='.";
        }

        var relative = ((IEnumerable<string>)[Program, WorkingDirectory, .. Sandbox.WritablePaths, .. Sandbox.ReadOnlyPaths])
            .Any(path => !Path.IsPathFullyQualified(path));
        return relative ? "Program, working directory and sandbox paths must be absolute." : OutputCapBytes < 0 ? "The output cap is negative." : null;
    }
}
