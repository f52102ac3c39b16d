namespace Gateway.Contracts.Values;

/// <summary>Words for how a worker stands with the credential of a CLI. None of them was tried with a call: that would cost tokens.</summary>
public static class CliLogins
{
    /// <summary>A key or token is there and can be read.</summary>
    public const string Configured = "configured";

    /// <summary>The login of the user who runs the worker is used; whether it is good only a run tells.</summary>
    public const string Own = "cli_login";

    /// <summary>There is none, or it cannot be read.</summary>
    public const string Missing = "missing";

    /// <summary>Nobody has looked.</summary>
    public const string Unknown = "unknown";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Configured, Own, Missing, Unknown];
}
