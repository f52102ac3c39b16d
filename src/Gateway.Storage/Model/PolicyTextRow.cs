namespace Gateway.Storage.Model;

/// <summary>A policy that was in force: what a hash of an old record stands for.</summary>
public sealed class PolicyTextRow
{
    /// <summary><c>sha256:</c> and 16 hex digits.</summary>
    public string Hash { get; init; } = null!;

    public string Name { get; init; } = null!;

    /// <summary>Normalised text.</summary>
    public string Text { get; init; } = null!;

    public long FirstSeenAtMs { get; init; }
}
