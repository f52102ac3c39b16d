using Gateway.Api.Auth.Tokens;

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

    /// <summary>
    /// Absolute path of a file of mode 0600 with the peppers of the keys in the store, for gateways that share a database. Default: <c>pepper</c>
    /// in the data folder, made at the first start.
    /// </summary>
    public string? PepperFile { get; init; }

    /// <summary>Whose tokens are taken. Default: nobody's.</summary>
    public IList<IssuerOptions> Issuers { get; init; } = [];

    /// <summary>URL of <c>/mcp</c> as callers know it, told to those who need a token. Default: as the caller wrote it.</summary>
    public string? Resource { get; init; }

    /// <summary>The scopes one by one.</summary>
    public IReadOnlyList<string> Granted => Scopes is null ? Auth.Scopes.OfEmbeddedKey : Split(Scopes);

    /// <summary>A list of scopes in one text.</summary>
    public static string[] Split(string scopes) => scopes.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
