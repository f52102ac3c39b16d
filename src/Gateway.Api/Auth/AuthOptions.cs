namespace Gateway.Api.Auth;

/// <summary>Section <c>Auth</c>.</summary>
internal sealed class AuthOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Auth";

    /// <summary>
    /// Scopes of the generated key, separated by spaces or commas. One text, and null until it is set:
    /// only so does the binder refuse a list, where it would otherwise leave the wider default in force. Default: all but <c>bypass:permissions</c>,
    /// <c>jobs:admin</c> and <c>approvals:decide</c>.
    /// </summary>
    public string? Scopes { get; init; }

    /// <summary>The scopes one by one.</summary>
    public IReadOnlyList<string> Granted => Scopes is null
        ? Auth.Scopes.OfEmbeddedKey
        : Scopes.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
