namespace Gateway.Api.Auth;

/// <summary>Section <c>Auth</c>.</summary>
internal sealed class AuthOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Auth";

    /// <summary>Scopes of the generated key; empty stands for all but <c>bypass:permissions</c>, <c>jobs:admin</c> and <c>approvals:decide</c>.</summary>
    public IList<string> Scopes { get; init; } = [];
}
