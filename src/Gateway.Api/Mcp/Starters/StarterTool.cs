using Gateway.Api.Auth;
using Gateway.Api.Mcp.Tools;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Starters;

/// <summary>Starts a durable job of one CLI and answers at once.</summary>
internal sealed class StarterTool(Starter starter, ILogger<StarterTool> logger) : GatewayTool(CardOf(starter), logger)
{
    /// <inheritdoc/>
    protected override Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken) => Submission.SendAsync(
        call, starter.Parse(Card.Name, call.Arguments, call.Identity, call.TraceParent), Card.ToFacts(), null, job => Seen(call, job), cancellationToken);

    private static ToolCard CardOf(Starter starter) => new()
    {
        Name = starter.AsyncTool,
        Title = $"Start a {starter.Title} job",
        Description = $"Hands a task to {starter.Title} as a durable background job and answers at once with a jobId. "
            + "The job goes on if you disconnect or the gateway restarts. Follow it with llm_job_status, read the answer with llm_job_result. "
            + starter.Permissions,
        Scope = Scopes.JobsRun,
        Arguments = starter.Arguments,
        Members = [("jobId", "string"), ("job", "object"), ("approval", "object"), ("sessionId", "string"), ("warnings", "array")],
        IsStarter = true,
        Destructive = true,
        OpenWorld = true,
    };
}
