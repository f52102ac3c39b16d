using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Tools;
using Gateway.Contracts.Values;
using Gateway.Jobs.Sessions;

namespace Gateway.Api.Mcp.Sessions;

/// <summary>Arguments about sessions that several tools share.</summary>
internal static class SessionArguments
{
    /// <summary>Name of the argument that names a session.</summary>
    public const string Id = "sessionId";

    /// <summary>Name of the argument that names a CLI.</summary>
    public const string Cli = "cli";

    /// <summary>A session. Any text that is no id is an unknown session, so the table has no pattern.</summary>
    public static TextSpec SessionId { get; } = new(Id, 0, 128) { Format = "uuid", Remedy = "send the id of a session of session_list" };

    /// <summary>A CLI.</summary>
    public static ChoiceSpec CliName { get; } = new(Cli, AgentClis.Claude, AgentClis.Codex, AgentClis.Gemini);

    /// <summary>The session of the caller that the call names, by its own id or the CLI's.</summary>
    /// <param name="call">The call.</param>
    /// <param name="text">What it sent.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ToolException">The caller has none.</exception>
    public static async Task<SessionRecord> FindAsync(ToolCall call, string text, CancellationToken cancellationToken) =>
        await call.Jobs.Sessions.FindAsync(call.Identity.Caller, IdOf(text), cancellationToken).ConfigureAwait(false) ?? throw ToolException.UnknownSession(text);

    /// <summary>The id that a text is; for any other text one that no session has.</summary>
    /// <param name="text">What was sent.</param>
    public static Guid IdOf(string text) => Guid.TryParseExact(text, "D", out var id) ? id : Guid.Empty;
}
