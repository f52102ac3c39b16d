using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Reading;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Admission;

/// <summary>Takes jobs in: row, request and command in one commit, so that an id in the caller's hand means a stored job.</summary>
public sealed class JobAdmission(
    IJobStore store, JobReader reader, AdmissionCounters counters, DirectReleases direct, IStoreClock time, IOptions<JobsOptions> options, TimeProvider clock)
{
    private const int PreviewChars = 200;

    /// <summary>Stores a job, or finds the one that the idempotency key names. Nothing is stored when it throws.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">Ends the attempt to store; a job may then exist all the same.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached; nothing was accepted.</exception>
    public async Task<SubmitOutcome> SubmitAsync(Caller caller, RunRequest request, CancellationToken cancellationToken)
    {
        var job = NewRow(caller, request, clock.GetUtcNow().ToUnixTimeMilliseconds());
        PlanFirst(job, request, time.GetUtcNow().ToUnixTimeMilliseconds());
        var expires = job.CreatedAtMs + (long)options.Value.IdempotencyWindow.TotalMilliseconds;
        var (outcome, jobId) = await store.InsertAsync(
            new NewJob(job, request, HashOf(request), expires), job.ReleasedAtMs is null ? null : job.NextRelease(), options.Value.MaxQueued, cancellationToken);
        switch (outcome)
        {
            case InsertOutcome.Inserted:
                JobsTelemetry.JobAccepted(request.Cli);
                return new SubmitOutcome.Accepted(JobViews.OfNew(job));
            case InsertOutcome.KeyConflict:
                return new SubmitOutcome.KeyConflict(jobId);
            case InsertOutcome.QueueFull:
                counters.CountRejected();
                JobsTelemetry.JobRefused(request.Cli);
                return new SubmitOutcome.QueueFull(options.Value.MaxQueued);
            default:
                var existing = await reader.FindAsync(caller, jobId, new ProgressQuery(0, 0), cancellationToken)
                    ?? throw new InvalidOperationException("The job of an idempotency key is not there.");
                return new SubmitOutcome.Accepted(existing with { Deduped = true });
        }
    }

    // Where slots are free the command is in the same commit; otherwise the job waits for its turn.
    private void PlanFirst(Job job, RunRequest request, long now)
    {
        var due = request.StartAfter?.ToUnixTimeMilliseconds();
        job.NotBeforeMs = due > now ? due : null;
        job.DueAtMs = job.NotBeforeMs ?? now;
        job.ReleasedAtMs = job.NotBeforeMs is null && direct.TryTake(job.Pool) ? now : null;
    }

    private static Job NewRow(Caller caller, RunRequest request, long now) => new()
    {
        CorrelationId = JobIdText.NewId(),
        CurrentState = nameof(JobLifecycle.Queued),
        Tenant = caller.Tenant,
        Grant = caller.Grant,
        Cli = request.Cli,
        MaxAttempts = request.MaxAttempts,
        Priority = request.Priority,
        RequestCorrelationId = request.CorrelationId,
        IdempotencyKey = request.IdempotencyKey,
        RetryOf = request.RetryOf,
        LabelsJson = JsonSerializer.Serialize(request.Labels, JobsJson.Default.IReadOnlyListString),
        PromptPreview = Preview(request.Prompt),
        Writes = request.Writes,
        TraceParent = request.TraceParent,
        SessionId = Guid.NewGuid(),
        Model = request.Claude.Model,
        CreatedAtMs = now,
        QueuedAtMs = now,
    };

    private static string Preview(string prompt)
    {
        if (prompt.Length <= PreviewChars)
        {
            return prompt;
        }

        // Half of a character would be no text.
        var length = char.IsHighSurrogate(prompt[PreviewChars - 1]) ? PreviewChars - 1 : PreviewChars;
        return prompt[..length];
    }

    private static string HashOf(RunRequest request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (ReadOnlySpan<string>)[request.Tool, request.ArgumentsJson, request.Prompt, request.RetryOf?.ToString() ?? ""])
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(Encoding.ASCII.GetBytes(bytes.Length.ToString(CultureInfo.InvariantCulture) + ":"));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
