using Gateway.Api.Auth;
using Gateway.Api.Mcp.Claude;
using Gateway.Policies;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>Starts a durable job and answers at once.</summary>
internal sealed class ClaudeRequestAsyncTool(ClaudeCallParser parser, ILogger<ClaudeRequestAsyncTool> logger) : GatewayTool(TheCard, logger)
{
    private static readonly ToolCard TheCard = new()
    {
        Name = ClaudeCallParser.Tool,
        Title = "Start a Claude Code job",
        Description = "Hands a task to Claude Code as a durable background job and answers at once with a jobId. "
            + "The job goes on if you disconnect or the gateway restarts. Follow it with llm_job_status, read the answer with llm_job_result. "
            + "By default the agent can read but not write; acceptEdits or allowedTools let it change files in workingDir.",
        Scope = Scopes.JobsRun,
        Arguments = ClaudeArgumentTable.Table,
        Members = [("jobId", "string"), ("job", "object"), ("approval", "object"), ("sessionId", "string"), ("warnings", "array")],
        IsStarter = true,
        Destructive = true,
        OpenWorld = true,
    };

    /// <summary>What the policy engine has to know of it: its repeats are judged as calls of it.</summary>
    public static ToolFacts TheFacts { get; } = TheCard.ToFacts();

    protected override Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken) =>
        Submission.SendAsync(call, parser.Parse(call.Arguments, call.Identity, call.TraceParent), null, job => Seen(call, job), cancellationToken);
}
