using Gateway.Policies.Grants;

namespace Gateway.Api.Auth.Tokens;

/// <summary>What a token is worth here.</summary>
internal abstract record TokenVerdict
{
    private TokenVerdict()
    {
    }

    /// <summary>It is genuine, for this gateway, and in its time.</summary>
    /// <param name="Token">Whose.</param>
    /// <param name="Scopes">What it may do, as far as the gateway knows the words.</param>
    public sealed record Genuine(Credential.Token Token, IReadOnlySet<string> Scopes) : TokenVerdict;

    /// <summary>It is worth nothing.</summary>
    /// <param name="Reason">Why, without anything of the token.</param>
    /// <param name="WasGood">True for a genuine one whose time is over: its holder needs to hear so, in order to get another.</param>
    public sealed record Worthless(string Reason, bool WasGood = false) : TokenVerdict;

    /// <summary>Nobody can say now: the issuer does not answer.</summary>
    public sealed record Open : TokenVerdict;
}
