using Gateway.Nemesis.History;
using Gateway.Nemesis.House;

namespace Gateway.Nemesis.Clients;

/// <summary>One job as an honest client sees it through: submit until it is known to be accepted, cancel, poll, collect, at any gateway.</summary>
internal sealed class StoryTeller(JobKind kind, string number, string prompt, TimeSpan? cancelAfter, IReadOnlyList<McpSession> sessions, Random random)
{
    private const int LongestWaitMs = 8_000;
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(20);
    private static readonly string[] Final = ["completed", "failed", "canceled"];

    private readonly Lock _lock = new();
    private readonly List<Observation> _observations = [];
    private readonly List<Cancel> _cancels = [];
    private readonly HashSet<Guid> _accepted = [];
    private string? _job;
    private string? _collected;
    private int _unknownSubmits;
    private bool _cancelAsked;

    public Story Story
    {
        get
        {
            lock (_lock)
            {
                return new Story
                {
                    Key = number,
                    Kind = kind.Name,
                    Answer = JobKinds.AnswerOf(number),
                    Ends = kind.Ends,
                    CostUsd = kind.CostUsd,
                    Accepted = [.. _accepted],
                    UnknownSubmits = _unknownSubmits,
                    CancelAsked = _cancelAsked,
                    Cancels = [.. _cancels],
                    Observations = [.. _observations],
                    Collected = _collected,
                };
            }
        }
    }

    public async Task TellAsync(CancellationToken cancellationToken)
    {
        await SubmitAsync(cancellationToken);
        if (cancelAfter is { } after)
        {
            await Clock.Pause(after, cancellationToken);
            await CancelAsync(cancellationToken);
        }

        while (await LookAsync(LongestWaitMs, cancellationToken) is not { IsFinal: true })
        {
            // A wait that ran out or broke off.
        }

        await CollectAsync(cancellationToken);

        // And again, at a gateway that may have heard nothing of it.
        await Clock.Pause(random.Next(200, 4_000), cancellationToken);
        await LookAsync(0, cancellationToken);
    }

    private async Task SubmitAsync(CancellationToken cancellationToken)
    {
        var arguments = new Dictionary<string, object?> { ["prompt"] = prompt, ["idempotencyKey"] = number, ["maxAttempts"] = kind.MaxAttempts, ["correlationId"] = number };
        if (kind.Writes)
        {
            arguments["permissionMode"] = "acceptEdits";
        }

        if (kind.Timeout is { } limit)
        {
            arguments["timeoutMs"] = (int)limit.TotalMilliseconds;
        }

        // Told once, asked again now and then: a client that repeats what was answered already must find the same job.
        var repeats = random.Next(10) == 0 ? 2 : 1;
        for (var told = 0; told < repeats;)
        {
            var answer = await CallAsync("claude_request_async", arguments, cancellationToken);
            if (answer.Record is { } record)
            {
                lock (_lock)
                {
                    _job = record.GetProperty("jobId").GetString()!;
                    _accepted.Add(JobId.Read(_job));
                }

                told++;
                continue;
            }

            lock (_lock)
            {
                _unknownSubmits += answer.IsUnknown ? 1 : 0;
            }

            await TryLaterAsync(answer, cancellationToken);
        }
    }

    private async Task CancelAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _cancelAsked = true;
        }

        while (true)
        {
            var asked = Clock.Ticks;
            var answer = await CallAsync("llm_job_cancel", new() { ["jobId"] = _job }, cancellationToken);
            if (answer.Record is { } record)
            {
                var job = record.GetProperty("job");
                lock (_lock)
                {
                    _cancels.Add(new Cancel(asked, Clock.Ticks, Clock.NowMs, job.GetProperty("status").GetString()!, job.GetProperty("attempt").GetInt32()));
                }

                return;
            }

            if (answer.Refusal == "conflict")
            {
                // It was faster.
                return;
            }

            await TryLaterAsync(answer, cancellationToken);
        }
    }

    private async Task<Observation?> LookAsync(int waitMs, CancellationToken cancellationToken)
    {
        var asked = Clock.Ticks;
        var answer = await CallAsync("llm_job_status", new() { ["jobId"] = _job, ["waitFor"] = "terminal", ["waitMs"] = waitMs, ["progressLimit"] = 0 }, cancellationToken);
        if (answer.Record is not { } record)
        {
            await TryLaterAsync(answer, cancellationToken);
            return null;
        }

        var job = record.GetProperty("job");
        var seen = new Observation(asked, Clock.Ticks, job.GetProperty("status").GetString()!, job.GetProperty("attempt").GetInt32());
        lock (_lock)
        {
            _observations.Add(seen);
        }

        return seen;
    }

    private async Task CollectAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var asked = Clock.Ticks;
            var answer = await CallAsync("llm_job_result", new() { ["jobId"] = _job, ["maxChars"] = 1_000 }, cancellationToken);
            if (answer.Record is { } record)
            {
                var result = record.GetProperty("result");
                lock (_lock)
                {
                    _observations.Add(new Observation(asked, Clock.Ticks, result.GetProperty("status").GetString()!, result.GetProperty("attempt").GetInt32()));
                    _collected = result.GetProperty("status").GetString() == "completed" ? record.TryGetProperty("parsed", out var parsed) ? parsed.GetProperty("text").GetString() : "no answer" : null;
                }

                return;
            }

            await TryLaterAsync(answer, cancellationToken);
        }
    }

    private Task<ToolAnswer> CallAsync(string tool, Dictionary<string, object?> arguments, CancellationToken cancellationToken) =>
        sessions[random.Next(sessions.Count)].CallAsync(tool, arguments, CallLimit, cancellationToken);

    /// <summary>Waits before a repeat; an answer that says that a repeat is of no use is a defect of this client or of the server.</summary>
    private Task TryLaterAsync(ToolAnswer answer, CancellationToken cancellationToken) => answer.Retryable
        ? Clock.Pause(random.Next(100, 1_000), cancellationToken)
        : throw new InvalidOperationException($"{number} ({kind.Name}, {_job}): refused for good: {answer.Refusal}: {answer.Words}");
}
