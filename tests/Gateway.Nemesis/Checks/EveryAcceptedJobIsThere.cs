using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>An id in the caller's hand means a job; one key is one job, however often it was asked for; and no job is there that nobody wanted.</summary>
internal sealed class EveryAcceptedJobIsThere() : Check("I1 P7 every accepted job is there, one for each key")
{
    protected override IEnumerable<string?> Look(RunHistory history)
    {
        var jobs = history.Jobs.ToDictionary(j => j.Id);
        foreach (var story in history.Stories)
        {
            yield return Unless(story.Accepted.Distinct().Count() <= 1, $"key {story.Key} was answered with several jobs: {string.Join(", ", story.Accepted)}");
            foreach (var id in story.Accepted.Distinct())
            {
                yield return Unless(jobs.TryGetValue(id, out var job) && job.Key == story.Key, $"{id} ({story.Kind}, key {story.Key}) was accepted and is not there");
            }
        }

        var wanted = history.Stories.Select(s => s.Key).ToHashSet();
        foreach (var key in history.Jobs.GroupBy(j => j.Key))
        {
            yield return Unless(key.Count() == 1 && key.Key is not null && wanted.Contains(key.Key), $"key {key.Key}: {key.Count()} jobs, wanted by {(key.Key is not null && wanted.Contains(key.Key) ? "a client" : "nobody")}");
        }
    }
}
