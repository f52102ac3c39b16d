namespace Gateway.Policies.Grants;

/// <summary>Which credentials a grant is for.</summary>
public abstract record GrantMatch
{
    private GrantMatch()
    {
    }

    /// <summary>Whether it is for this credential.</summary>
    public abstract bool Fits(Credential credential);

    /// <summary>The keys that carry a label.</summary>
    /// <param name="Label">The label.</param>
    public sealed record ApiKey(string Label) : GrantMatch
    {
        /// <inheritdoc/>
        public override bool Fits(Credential credential) => credential is Credential.ApiKey key && key.Label == Label;
    }

    /// <summary>Every key, for a gateway without a grants file: each label is a grant of its own, in the tenant of its key.</summary>
    public sealed record AnyApiKey : GrantMatch
    {
        /// <inheritdoc/>
        public override bool Fits(Credential credential) => credential is Credential.ApiKey;
    }

    /// <summary>The tokens of an issuer that carry all these claims; each subject is a caller of its own.</summary>
    /// <param name="Issuer">The issuer.</param>
    /// <param name="Claims">Claims and the value that each has to have, or to hold where it is a list.</param>
    public sealed record Token(string Issuer, IReadOnlyDictionary<string, string> Claims) : GrantMatch
    {
        /// <inheritdoc/>
        public override bool Fits(Credential credential) =>
            credential is Credential.Token token && token.Issuer == Issuer
            && Claims.All(claim => token.Claims.TryGetValue(claim.Key, out var values) && values.Contains(claim.Value, StringComparer.Ordinal));
    }

    /// <summary>The user of standard input and output.</summary>
    public sealed record Stdio : GrantMatch
    {
        /// <inheritdoc/>
        public override bool Fits(Credential credential) => credential is Credential.Stdio;
    }
}
