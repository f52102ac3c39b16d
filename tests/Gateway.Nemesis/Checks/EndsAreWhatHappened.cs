using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>Completed is only what an agent ended well; failed what it ended badly, or lost with an attempt; canceled what somebody asked to cancel.</summary>
internal sealed class EndsAreWhatHappened() : Check("F24 an end is what happened")
{
    protected override IEnumerable<string?> Look(RunHistory history)
    {
        var runs = history.Runs.ToLookup(r => (r.JobId, r.Attempt));
        var lost = history.Attempts.Where(a => a.FailureKind == "worker_lost").Select(a => a.JobId).ToHashSet();
        foreach (var story in history.Stories)
        {
            if (history.JobOf(story) is not { IsFinal: true } job)
            {
                continue;
            }

            yield return job.State switch
            {
                "Canceled" => Unless(story.CancelAsked, $"{job.Id} ({story.Kind}) was canceled, and nobody had asked"),
                "Failed" when job.FailureKind == "worker_lost" => Unless(lost.Contains(job.Id), $"{job.Id} ({story.Kind}) failed as worker_lost, and no attempt of it was lost"),
                "Completed" => Unless(
                    story.Ends.Contains("completed") && runs[(job.Id, job.Attempt)].Any(r => r.ExitCode == 0),
                    $"{job.Id} ({story.Kind}) is completed in attempt {job.Attempt}; by their log its agents ended with {string.Join(", ", history.Runs.Where(r => r.JobId == job.Id).Select(r => $"{r.Attempt}:{r.ExitCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "cut"}"))}"),
                _ => Unless(story.Ends.Contains(job.FailureKind ?? ""), $"{job.Id} ({story.Kind}) failed as {job.FailureKind}, exit code {job.ExitCode}; expected was {string.Join(" or ", story.Ends)}"),
            };
        }
    }
}
