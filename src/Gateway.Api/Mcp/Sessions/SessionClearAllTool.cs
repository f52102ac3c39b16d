using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Tools;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Sessions;

/// <summary>Removes all conversations of the caller.</summary>
internal sealed class SessionClearAllTool(ILogger<SessionClearAllTool> logger) : GatewayTool(TheCard, logger)
{
    private static readonly ToolCard TheCard = new()
    {
        Name = "session_clear_all",
        Title = "Delete all conversations",
        Description = "Removes all your conversations, or those of one CLI, for good. Those with unfinished jobs are skipped.",
        Scope = Scopes.SessionsManage,
        Arguments = new ArgumentTable(SessionArguments.CliName),
        Members = [("deletedCount", "integer"), ("skippedCount", "integer"), ("cli", "string")],
        Destructive = true,
        Idempotent = true,
    };

    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ThrowIfFaulty(call);
        var cli = call.Arguments.Text(SessionArguments.Cli);
        var cleared = await call.Jobs.Sessions.ClearAsync(call.Identity.Caller, cli, cancellationToken).ConfigureAwait(false);
        var answer = new SessionsClearedAnswer { DeletedCount = cleared.Deleted, SkippedCount = cleared.Skipped, Cli = cli ?? "all" };
        var skipped = cleared.Skipped == 0 ? "" : $" {cleared.Skipped} are in use and stay: a job of them is not finished.";
        return ToolReply.Of(answer, AnswerJson.Default.SessionsClearedAnswer, $"{cleared.Deleted} conversations{(cli is null ? "" : $" of {cli}")} are deleted.{skipped}");
    }
}
