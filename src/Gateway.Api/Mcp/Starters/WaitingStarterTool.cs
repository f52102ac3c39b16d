using Gateway.Api.Auth;
using Gateway.Api.Mcp.Tools;
using Gateway.Jobs;
using Gateway.Jobs.Reading;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Starters;

/// <summary>
/// Starts a durable job of one CLI and waits for its answer. Whoever goes away, or waits no longer, loses nothing: the job
/// goes on under the id that is told.
/// </summary>
internal sealed class WaitingStarterTool(Starter starter, JobWait wait, RunAnswers answers, TimeProvider clock, ILogger<WaitingStarterTool> logger) : GatewayTool(CardOf(starter), logger)
{
    private const int DefaultWaitMs = 25_000;

    /// <inheritdoc/>
    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var request = await starter.ReadAsync(call, Card.Name, call.Arguments, takesActive: true, null, cancellationToken).ConfigureAwait(false);
        var accepted = await Submission.SubmitAsync(call, request, Card.ToFacts(), null, cancellationToken).ConfigureAwait(false);
        var job = accepted.Job;
        var longest = TimeSpan.FromMilliseconds(call.Arguments.Number(StarterArguments.WaitMs) ?? DefaultWaitMs);
        if (accepted.Approval is null && MayEndWithin(job, longest) && JobIdText.TryParse(job.Id, out var id))
        {
            // Whether it was there before is said of the call, not of the job.
            job = (await wait.UntilFinalAsync(call, id, longest, cancellationToken).ConfigureAwait(false) ?? job) with { Deduped = job.Deduped };
        }

        return JobStatus.IsFinal(job.Status)
            ? await answers.OfEndedAsync(call, job, cancellationToken).ConfigureAwait(false)
            : RunAnswers.Deferred(call, job, accepted.Approval);
    }

    // A job that cannot start before the wait is over would only keep its caller.
    private bool MayEndWithin(JobView job, TimeSpan longest) =>
        longest > TimeSpan.Zero && (job.NotBefore is not { } start || start < clock.GetUtcNow() + longest);

    private static ToolCard CardOf(Starter starter) => new()
    {
        Name = starter.WaitingTool,
        Title = $"Ask {starter.Title} and wait",
        Description = $"{starter.AsyncTool}, with its arguments and defaults, that waits up to waitMs for the answer. "
            + "A longer job goes on: status is then deferred, with its jobId.",
        Scope = Scopes.JobsRun,
        Arguments = starter.WaitingArguments,
        Members = [("status", "string"), ("response", "string"), ("structuredOutput", "object"), ("jobId", "string"), ("jobStatus", "string"), ("approval", "object"), ("warnings", "array")],
        IsStarter = true,
        Destructive = true,
        OpenWorld = true,
        ReturnsOutput = true,
    };
}
