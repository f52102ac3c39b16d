namespace Gateway.Policies;

/// <summary>A policy that is ready to judge: parsed, normalised and compiled. Immutable.</summary>
public sealed class Policy
{
    internal Policy(string name, string hash, string text) => (Name, Hash, NormalizedText) = (name, hash, text);

    /// <summary>Its name in the grants file.</summary>
    public string Name { get; }

    /// <summary><c>sha256:</c> and the first 16 hex digits of SHA-256 over <see cref="NormalizedText"/>.</summary>
    public string Hash { get; }

    /// <summary>The policy as canonical JSON (RFC 8785), short forms expanded and defaults filled in.</summary>
    public string NormalizedText { get; }
}
