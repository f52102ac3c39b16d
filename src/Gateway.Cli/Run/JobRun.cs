using System.Text.Json.Nodes;
using Gateway.Cli.Client;

namespace Gateway.Cli.Run;

/// <summary>One job from its submit to its answer.</summary>
internal sealed class JobRun(GatewayClient client, ProgressDisplay display)
{
    private const int WaitMs = 30_000;

    /// <summary>Submits, follows, prints. Ctrl-C cancels the job and says so.</summary>
    /// <param name="cli">The CLI that runs it, as the tools are named.</param>
    /// <param name="request">Arguments of its <c>…_request_async</c>.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    /// <returns>0 for an answer, 1 for a job that failed or was canceled.</returns>
    public async Task<int> FollowAsync(string cli, Dictionary<string, object?> request, CancellationToken cancellationToken)
    {
        var accepted = await client.CallAsync($"{cli}_request_async", request, cancellationToken);
        var jobId = Text(accepted, "jobId");
        display.Accepted(jobId);
        foreach (var warning in accepted["warnings"]?.AsArray() ?? [])
        {
            display.Warn(Text(warning, "message"));
        }

        try
        {
            var job = await WaitAsync(jobId, cancellationToken);
            return await PrintAsync(jobId, job, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await client.CallAsync("llm_job_cancel", new() { ["jobId"] = jobId, ["reason"] = "interrupted at the terminal" }, CancellationToken.None);
            display.Warn($"{jobId} was told to stop.");
            return 130;
        }
    }

    private async Task<JsonNode> WaitAsync(string jobId, CancellationToken cancellationToken)
    {
        long after = 0;
        while (true)
        {
            var status = await client.CallAsync(
                "llm_job_status",
                new() { ["jobId"] = jobId, ["waitMs"] = WaitMs, ["afterProgressSeq"] = after, ["progressLimit"] = 64 },
                cancellationToken);
            var job = status["job"] ?? throw new ToolRefusedException("llm_job_status answered without a job.");
            var progress = job["progress"];
            foreach (var entry in progress?["events"]?.AsArray() ?? [])
            {
                display.Event(Text(entry, "phase"), Text(entry, "message"));
            }

            after = progress?["nextAfterSeq"]?.GetValue<long>() ?? after;
            if (job["finishedAt"] is not null && progress?["hasMore"]?.GetValue<bool>() != true)
            {
                return job;
            }
        }
    }

    private async Task<int> PrintAsync(string jobId, JsonNode job, CancellationToken cancellationToken)
    {
        long offset = 0;
        var hasAnswer = false;
        while (true)
        {
            var page = await client.CallAsync("llm_job_result", new() { ["jobId"] = jobId, ["textOffsetBytes"] = offset }, cancellationToken);
            var parsed = page["parsed"];
            if (parsed is null)
            {
                break;
            }

            await display.AnswerAsync(Text(parsed, "text"), isFirst: !hasAnswer);
            hasAnswer = true;
            if (parsed["textNextOffsetBytes"] is not { } next)
            {
                break;
            }

            offset = next.GetValue<long>();
        }

        await display.EndedAsync(job, hasAnswer);
        return Text(job, "status") == "completed" ? 0 : 1;
    }

    private static string Text(JsonNode? node, string member) => node?[member]?.GetValue<string>() ?? "";
}
