using Microsoft.Extensions.Options;

namespace Gateway.Api.Auth.SignIn;

/// <summary>
/// Bounds what failed sign-ins cost, and never what right ones do. A client that repeats one wrong key uses up the limit of that key's
/// prefix, and its neighbours behind the same address notice nothing. Who guesses key after key uses up the limit of the address: from
/// there on only keys that this process has seen before come in, and of others as many as the limit gives back. Every failure passes
/// here, and is told from here: counted, recorded, and the first above a limit in the log.
/// </summary>
internal sealed partial class SignInLimiter(IOptions<SignInOptions> options, TimeProvider clock, FailedSignIns record, ILogger<SignInLimiter> logger)
{
    private readonly FailureTable addresses = new(options.Value.FailuresPerAddress, options.Value.Window, clock);
    private readonly FailureTable prefixes = new(options.Value.FailuresPerPrefix, options.Value.Window, clock);

    // Of what the store is never asked about: an expired token that is sent on and on must not shut out a neighbour's new key.
    private readonly FailureTable others = new(options.Value.FailuresPerAddress, options.Value.Window, clock);
    private readonly FailureTable logged = new(1, options.Value.Window, clock);

    /// <summary>Whether the store may be asked about a key that this process has not seen.</summary>
    /// <param name="caller">Where the call comes from.</param>
    /// <param name="prefix">The key's prefix.</param>
    public bool MayAsk(CallerAddress caller, string prefix) => addresses.WaitOf(caller.Group) is null && prefixes.WaitOf(prefix) is null;

    /// <summary>Counts a failure; how long the caller has to wait when it was over a limit, else null.</summary>
    /// <param name="caller">Where the call comes from.</param>
    /// <param name="way">What was presented.</param>
    /// <param name="prefix">The prefix of a key.</param>
    public TimeSpan? Failed(CallerAddress caller, SignInWay way, string? prefix = null)
    {
        var wait = prefix is null ? Count(others, caller.Group) : addresses.WaitOf(caller.Group) ?? Count(prefixes, prefix);
        if (prefix is not null && wait is null)
        {
            addresses.Add(caller.Group);
        }

        SignInTelemetry.Failed(way, wait is not null);
        record.Note(caller);
        if (wait is not null && logged.WaitOf(caller.Group) is null)
        {
            logged.Add(caller.Group);
            LogLimited(caller.Group);
        }

        return wait;
    }

    private static TimeSpan? Count(FailureTable table, string subject)
    {
        var wait = table.WaitOf(subject);
        if (wait is null)
        {
            table.Add(subject);
        }

        return wait;
    }

    [LoggerMessage(EventId = 1621, Level = LogLevel.Warning, Message = "Sign-ins from {Address} failed too often and are refused for now; a right key still opens. A client there sends a wrong key or token, or somebody guesses")]
    private partial void LogLimited(string address);
}
