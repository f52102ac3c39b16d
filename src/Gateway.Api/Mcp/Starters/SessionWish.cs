using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Sessions;

namespace Gateway.Api.Mcp.Starters;

/// <summary>
/// Which conversation a call asks for, before anybody has looked whether it is there. The CLIs' own words for "the latest" are never
/// passed on: they would mean the latest of the directory, whosever it is.
/// </summary>
internal sealed record SessionWish
{
    /// <summary>The caller's newest conversation there, in the words of Claude Code.</summary>
    public const string ContinueSession = "continueSession";

    /// <summary>The same in the words of Codex and Gemini CLI.</summary>
    public const string ResumeLatest = "resumeLatest";

    /// <summary>A new conversation that begins with what another one holds.</summary>
    public const string ForkSession = "forkSession";

    /// <summary>A new conversation, whichever is active.</summary>
    public const string CreateNewSession = "createNewSession";

    // What keeps no conversation cannot be part of one.
    private static readonly string[] Unkept = ["noSessionPersistence", "ephemeral"];

    /// <summary>The session that was named; null for none.</summary>
    public string? Id { get; private init; }

    /// <summary>The argument that asks for the newest session; null when none does.</summary>
    public string? Newest { get; private init; }

    /// <summary>A new conversation begins with what the other holds.</summary>
    public bool Forks { get; private init; }

    /// <summary>A new conversation was asked for, or one that nobody can go on with.</summary>
    public bool IsNew { get; private init; }

    /// <summary>What a call asks for.</summary>
    public static SessionWish Of(ParsedArguments arguments) => new()
    {
        Id = arguments.Text(SessionArguments.Id),
        Newest = AskedOf(arguments, ContinueSession, ResumeLatest),
        Forks = arguments.Flag(ForkSession),
        IsNew = AskedOf(arguments, [CreateNewSession, .. Unkept]) is not null,
    };

    /// <summary>Adds every pair of arguments that exclude each other to the faults of a call.</summary>
    public static void Check(ParsedArguments arguments)
    {
        var named = arguments.Has(SessionArguments.Id) ? SessionArguments.Id : null;
        var newest = AskedOf(arguments, ContinueSession, ResumeLatest);
        var forks = AskedOf(arguments, ForkSession);
        foreach (var alone in ((string?[])[AskedOf(arguments, CreateNewSession), AskedOf(arguments, Unkept)]).OfType<string>())
        {
            foreach (var other in ((string?[])[named, newest, forks]).OfType<string>())
            {
                Exclude(arguments, other, alone);
            }
        }

        if (named is not null && newest is not null)
        {
            Exclude(arguments, newest, named);
        }
    }

    private static string? AskedOf(ParsedArguments arguments, params IEnumerable<string> flags) => flags.FirstOrDefault(arguments.Flag);

    private static void Exclude(ParsedArguments arguments, string field, string other) =>
        arguments.Faults.Add(field, $"sent beside {other}", $"only one of {field} and {other}", "leave one of them out");
}
