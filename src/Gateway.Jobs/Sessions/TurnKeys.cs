using Gateway.Contracts.Workspaces;

namespace Gateway.Jobs.Sessions;

/// <summary>Names of what one job at a time may have: a conversation, or a directory in which it changes files (<see cref="DirectoryTurnKey"/>).</summary>
public static class TurnKeys
{
    /// <summary>Longest key, in characters.</summary>
    public const int MaxChars = 80;

    private const string Session = "session:";

    /// <summary>The turn of a conversation.</summary>
    /// <param name="sessionId">Its id.</param>
    public static string OfSession(Guid sessionId) => $"{Session}{sessionId:n}";

    /// <summary>The conversation whose turn a key is; null for another key.</summary>
    /// <param name="key">The key.</param>
    public static Guid? SessionOf(string key) =>
        key.StartsWith(Session, StringComparison.Ordinal) && Guid.TryParseExact(key.AsSpan(Session.Length), "n", out var id) ? id : null;
}
