namespace Gateway.Processes.Launching;

/// <summary>One program to start, with its exact descriptors. The starter closes them afterwards.</summary>
internal sealed record LaunchPlan
{
    /// <summary>Number under which the program finds <see cref="Extra"/>.</summary>
    public const int ExtraNumber = 3;

    /// <summary>Number under which the program finds <see cref="Directory"/>.</summary>
    public const int DirectoryNumber = 4;

    public required string Program { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required string WorkingDirectory { get; init; }

    public required int Stdin { get; init; }

    public required int Stdout { get; init; }

    public required int Stderr { get; init; }

    /// <summary>One more descriptor for the program, or -1.</summary>
    public int Extra { get; init; } = -1;

    /// <summary>Descriptor of the directory that the program shall find itself in, for a wrapper that goes there by name; above <see cref="DirectoryNumber"/>, or -1.</summary>
    public int Directory { get; init; } = -1;
}
