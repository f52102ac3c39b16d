using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Tools;
using Gateway.Jobs.Sessions;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Sessions;

/// <summary>Finds the caller's conversations.</summary>
internal sealed class SessionListTool(CursorSeal seal, ILogger<SessionListTool> logger) : GatewayTool(TheCard, logger)
{
    private const int DefaultLimit = 50;

    private static readonly ToolCard TheCard = new()
    {
        Name = "session_list",
        Title = "Conversations",
        Description = "Lists your conversations, last used first, and the active one of each CLI. Send an id as sessionId to go on with it.",
        Scope = Scopes.JobsRead,
        Arguments = new ArgumentTable(
            SessionArguments.CliName,
            new IntegerSpec("limit", 1, 200) { Default = "50" },
            new TextSpec("cursor", 1, 512) { Description = "nextCursor of the last page" }),
        Members = [("total", "integer"), ("sessions", "array"), ("activeSessions", "object"), ("nextCursor", "string")],
        ReadOnly = true,
        Idempotent = true,
    };

    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var binding = CursorBinding.Of(call, Card.Name);
        var after = CursorBinding.Open(call, seal, binding);
        ThrowIfFaulty(call);
        var filter = new SessionFilter(call.Arguments.Text(SessionArguments.Cli), (int)(call.Arguments.Number("limit") ?? DefaultLimit), after);
        var page = await call.Jobs.Sessions.ListAsync(call.Identity.Caller, filter, cancellationToken).ConfigureAwait(false);
        var answer = new SessionListAnswer
        {
            Total = page.Total,
            Sessions = [.. page.Sessions.Select(SessionView.OfListed)],
            ActiveSessions = page.Active,
            NextCursor = page.Next is null ? null : seal.Close(page.Next, binding),
        };
        return ToolReply.Of(answer, AnswerJson.Default.SessionListAnswer, InWords(answer));
    }

    private static string InWords(SessionListAnswer answer)
    {
        var newest = answer.Sessions.Count == 0 ? string.Empty : $" Last used of this page: {answer.Sessions[0].Id} ({answer.Sessions[0].Cli}).";
        var active = answer.ActiveSessions.Count == 0 ? string.Empty : $" Active: {string.Join(", ", answer.ActiveSessions.Select(one => $"{one.Key} {one.Value}"))}.";
        var more = answer.NextCursor is null ? string.Empty : " More with nextCursor.";
        return $"{answer.Sessions.Count} of {answer.Total} conversations.{newest}{active}{more}";
    }
}
