using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Tools;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Sessions;

/// <summary>Shows one conversation.</summary>
internal sealed class SessionGetTool(ILogger<SessionGetTool> logger) : GatewayTool(TheCard, logger)
{
    private static readonly ToolCard TheCard = new()
    {
        Name = "session_get",
        Title = "One conversation",
        Description = "Shows a conversation: where it works, its last job, what it cost so far. Its jobs: llm_job_list with sessionId.",
        Scope = Scopes.JobsRead,
        Arguments = new ArgumentTable(SessionArguments.SessionId with { Required = true }),
        Members = [("session", "object")],
        ReadOnly = true,
        Idempotent = true,
    };

    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ThrowIfFaulty(call);
        var session = await SessionArguments.FindAsync(call, call.Arguments.Text(SessionArguments.Id) ?? "", cancellationToken).ConfigureAwait(false);
        var view = SessionView.Of(session);
        var last = view.LastJobId is null ? "Nothing was said in it yet." : $"Its last job is {view.LastJobId}.";
        return ToolReply.Of(new SessionAnswer { Session = view }, AnswerJson.Default.SessionAnswer, $"{view.Id} is a conversation of {view.Cli} with {view.JobCount} jobs{(view.IsActive ? ", the active one" : "")}. {last}");
    }
}
