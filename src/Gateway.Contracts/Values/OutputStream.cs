namespace Gateway.Contracts.Values;

/// <summary>The byte streams that a run produces. The numbers are stored and sent: never changed.</summary>
public enum OutputStream
{
    /// <summary>What the CLI wrote to standard output.</summary>
    Stdout = 0,

    /// <summary>What the CLI wrote to standard error.</summary>
    Stderr = 1,

    /// <summary>The answer text, extracted by the provider's reader.</summary>
    Answer = 2,

    /// <summary>The CLI's own conversation file.</summary>
    Transcript = 3,

    /// <summary>What the run changed in its worktree, as a unified diff; empty without one.</summary>
    Diff = 4,
}
