namespace Gateway.Processes.Launching;

/// <summary>What a short helper program did.</summary>
public sealed record CapturedProgram
{
    /// <summary>Exit code, 128 + n for signal n; 127 or 126 when the program is not there or cannot be executed.</summary>
    public required int ExitCode { get; init; }

    /// <summary>Its stdout, up to the limit.</summary>
    public required byte[] Stdout { get; init; }

    /// <summary>Its stderr, up to the limit.</summary>
    public required byte[] Stderr { get; init; }

    /// <summary>Whether its time ran out and its tree was killed.</summary>
    public bool TimedOut { get; init; }

    /// <summary>Whether one of the streams passed the limit and was cut.</summary>
    public bool Truncated { get; init; }

    /// <summary>Why nothing ran; null when something did.</summary>
    public string? StartError { get; init; }
}
