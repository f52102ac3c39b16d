using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Tools;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Sessions;

/// <summary>Says which conversation calls go on with that name none.</summary>
internal sealed class SessionSetActiveTool(ILogger<SessionSetActiveTool> logger) : GatewayTool(TheCard, logger)
{
    private static readonly ToolCard TheCard = new()
    {
        Name = "session_set_active",
        Title = "Choose the active conversation",
        Description = "Makes a conversation the one that calls of its CLI go on with when they name none. Without sessionId: none.",
        Scope = Scopes.SessionsManage,
        Arguments = new ArgumentTable(SessionArguments.CliName with { Required = true }, SessionArguments.SessionId),
        Members = [("cli", "string"), ("activeSessionId", "string")],
        Idempotent = true,
    };

    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ThrowIfFaulty(call);
        var cli = call.Arguments.Text(SessionArguments.Cli) ?? "";
        var sent = call.Arguments.Text(SessionArguments.Id) is { Length: > 0 } text ? text : null;
        var session = sent is null ? null : await SessionArguments.FindAsync(call, sent, cancellationToken).ConfigureAwait(false);
        if (session is not null && session.Cli != cli)
        {
            call.Arguments.Faults.Add(SessionArguments.Cli, cli, session.Cli, "that session is one of this CLI");
            ThrowIfFaulty(call);
        }

        // Between the look and the change it may have been deleted.
        if (!await call.Jobs.Sessions.SetActiveAsync(call.Identity.Caller, cli, session?.Id, cancellationToken).ConfigureAwait(false))
        {
            throw ToolException.UnknownSession(sent ?? "");
        }

        var words = session is null ? $"No conversation of {cli} is active: calls that name no session begin a new one." : $"{session.Id} is the active conversation of {cli}: calls that name no session go on with it.";
        return ToolReply.Of(new ActiveSessionAnswer { Cli = cli, ActiveSessionId = session?.Id }, AnswerJson.Default.ActiveSessionAnswer, words);
    }
}
