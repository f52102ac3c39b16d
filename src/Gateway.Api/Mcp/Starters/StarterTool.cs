using Gateway.Api.Auth;
using Gateway.Api.Mcp.Tools;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Starters;

/// <summary>Starts a durable job of one CLI and answers at once.</summary>
internal sealed class StarterTool(Starter starter, ILogger<StarterTool> logger) : GatewayTool(CardOf(starter), logger)
{
    /// <inheritdoc/>
    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var request = await starter.ReadAsync(call, Card.Name, call.Arguments, takesActive: true, null, cancellationToken).ConfigureAwait(false);
        return await Submission.SendAsync(call, request, Card.ToFacts(), null, job => Seen(call, job), cancellationToken).ConfigureAwait(false);
    }

    private static ToolCard CardOf(Starter starter) => new()
    {
        Name = starter.AsyncTool,
        Title = $"Start a {starter.Title} job",
        Description = $"Hands a task to {starter.Title} as a durable background job and answers at once with a jobId for llm_job_status and llm_job_result. "
            + "The job goes on if you disconnect or the gateway restarts. "
            + starter.Permissions,
        Scope = Scopes.JobsRun,
        Arguments = starter.Arguments,
        Members = [("jobId", "string"), ("job", "object"), ("approval", "object"), ("sessionId", "string"), ("warnings", "array")],
        IsStarter = true,
        Destructive = true,
        OpenWorld = true,
    };
}
