namespace Gateway.Execution.Credentials;

/// <summary>What one run logs in with.</summary>
/// <param name="Name">Name of the credential, which may be said aloud.</param>
/// <param name="Kind">How it reaches the CLI.</param>
/// <param name="Value">The secret; null for <see cref="CredentialKind.Login"/>. Never logged, stored or sent.</param>
public sealed record ProviderCredential(string Name, CredentialKind Kind, string? Value)
{
    /// <summary>Says nothing of the value.</summary>
    public override string ToString() => $"{Name} ({Kind})";
}
