namespace Gateway.Execution.Credentials;

/// <summary>Section <c>Credentials:NAME</c>: one credential of this worker.</summary>
public sealed class CredentialOptions
{
    /// <summary>The words allowed for <see cref="Kind"/>.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["api_key", "auth_token", "helper", "login"];

    /// <summary><c>api_key</c>, <c>auth_token</c>, <c>helper</c> (a program prints the API key) or <c>login</c> (the CLI's own login of this user).</summary>
    public string Kind { get; set; } = "";

    /// <summary>Absolute path of the file that holds the value, mode 0600; for <c>api_key</c> and <c>auth_token</c>.</summary>
    public string? File { get; set; }

    /// <summary>Absolute path of the program that prints the API key; for <c>helper</c>.</summary>
    public string? Command { get; set; }

    /// <summary>Arguments of <see cref="Command"/>. Default none.</summary>
    public IList<string> Arguments { get; } = [];

    /// <summary>How long a helper's value is used again. 0 to 1 hour, default 5 minutes.</summary>
    public TimeSpan CacheFor { get; set; } = TimeSpan.FromMinutes(5);
}
