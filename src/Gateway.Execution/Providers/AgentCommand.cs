namespace Gateway.Execution.Providers;

/// <summary>A program to be started: a list of arguments, never a shell line, and an environment made from nothing.</summary>
public sealed record AgentCommand
{
    /// <summary>Absolute path, or a name to be found on <c>PATH</c>.</summary>
    public required string Program { get; init; }

    /// <summary>Arguments after the program's name.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The whole environment.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>What standard input gives before it ends, in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Stdin { get; init; }

    /// <summary>Handed over by an open descriptor; null when the CLI needs none. Never logged.</summary>
    public string? Secret { get; init; }

    /// <summary>The variable that tells the CLI the number of that descriptor.</summary>
    public string? SecretVariable { get; init; }

    /// <summary>Absolute paths beside the program that it cannot run without and that runs walled to a workspace may read; each must exist.</summary>
    public IReadOnlyList<string> ReadOnlyPaths { get; init; } = [];

    /// <summary>Says names and counts only: arguments may hold a caller's text.</summary>
    public override string ToString() => $"{Path.GetFileName(Program)} with {Arguments.Count} arguments";
}
