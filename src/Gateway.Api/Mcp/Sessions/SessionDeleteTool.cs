using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Tools;
using Gateway.Jobs;
using Gateway.Jobs.Sessions;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Sessions;

/// <summary>Removes one conversation.</summary>
internal sealed class SessionDeleteTool(ILogger<SessionDeleteTool> logger) : GatewayTool(TheCard, logger)
{
    private static readonly ToolCard TheCard = new()
    {
        Name = "session_delete",
        Title = "Delete a conversation",
        Description = "Removes a conversation and its transcripts for good; its jobs and their answers stay. A conflict while a job of it is not finished.",
        Scope = Scopes.SessionsManage,
        Arguments = new ArgumentTable(SessionArguments.SessionId with { Required = true }),
        Members = [("deletedSession", "object")],
        Destructive = true,
        Idempotent = true,
    };

    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ThrowIfFaulty(call);
        var text = call.Arguments.Text(SessionArguments.Id) ?? "";
        var session = await SessionArguments.FindAsync(call, text, cancellationToken).ConfigureAwait(false);
        return await call.Jobs.Sessions.DeleteAsync(call.Identity.Caller, session.Id, cancellationToken).ConfigureAwait(false) switch
        {
            SessionDeletion.Deleted deleted => Answer(deleted.Session),
            SessionDeletion.InUse used => throw ToolException.Because(
                ErrorKinds.Conflict, $"{session.Id} is in use: {JobIdText.Format(used.JobId)} is not finished. Cancel it first, or wait for its end.", SessionArguments.Id),
            _ => throw ToolException.UnknownSession(text),
        };
    }

    private static CallToolResult Answer(SessionRecord session) => ToolReply.Of(
        new SessionDeletedAnswer { DeletedSession = new DeletedSession(session.Id, session.Cli, session.Description) },
        AnswerJson.Default.SessionDeletedAnswer,
        $"{session.Id}, a conversation of {session.Cli} with {session.JobCount} jobs, is deleted. The answers of its jobs are in llm_job_result still.");
}
