namespace Gateway.Policies.Grants;

/// <summary>How a caller proved who it is; nothing else of a request can choose its grant.</summary>
public abstract record Credential
{
    private Credential()
    {
    }

    /// <summary>A key of the gateway.</summary>
    /// <param name="Label">The label that it was made with. Several keys may carry it.</param>
    /// <param name="Tenant">The tenant that it was made for; null for the generated key of a gateway. A grant of another tenant is not its grant.</param>
    public sealed record ApiKey(string Label, string? Tenant = null) : Credential;

    /// <summary>A verified token.</summary>
    /// <param name="Issuer">Its <c>iss</c>.</param>
    /// <param name="Subject">Its <c>sub</c>.</param>
    /// <param name="Claims">Every claim with its value, or values where it is a list.</param>
    public sealed record Token(string Issuer, string Subject, IReadOnlyDictionary<string, IReadOnlyList<string>> Claims) : Credential;

    /// <summary>The user whose program talks over standard input and output.</summary>
    public sealed record Stdio : Credential;
}
