namespace Gateway.Cli.Terminal;

/// <summary>What the exit code of every command says.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>A job failed or was canceled; <c>doctor</c>, <c>config</c>, <c>db status</c> or <c>policy</c> found something; <c>audit verify</c> did not find what was written.</summary>
    public const int Failed = 1;

    /// <summary>The gateway refused, or the arguments are wrong.</summary>
    public const int Refused = 2;

    /// <summary>The gateway or the database cannot be reached.</summary>
    public const int Unreachable = 3;

    public const int Interrupted = 130;

    /// <summary>For <c>--help</c>.</summary>
    public const string Words = "Exit codes: 0 done; 1 the job failed or was canceled, or a fault was found; 2 refused, or wrong arguments; 3 no gateway, or no database, can be reached; 130 interrupted.";
}
