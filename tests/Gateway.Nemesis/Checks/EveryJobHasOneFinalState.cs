using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>Each job is final in the end; on the way versions only rise, and what was seen follows the table of states.</summary>
internal sealed class EveryJobHasOneFinalState() : Check("I2 P2 P3 one final state, reached over the table's edges")
{
    private static readonly Dictionary<string, string[]> Edges = new()
    {
        ["AwaitingApproval"] = ["Queued", "Canceled", "Failed"],
        ["Queued"] = ["Running", "Canceled", "Failed", "AwaitingApproval"],
        ["Running"] = ["Completed", "Failed", "Canceled", "Canceling", "Queued"],
        ["Canceling"] = ["Canceled", "Completed", "Failed"],
        ["Completed"] = [],
        ["Failed"] = [],
        ["Canceled"] = [],
    };

    protected override IEnumerable<string?> Look(RunHistory history)
    {
        var ends = history.Jobs.ToDictionary(j => j.Id);
        foreach (var job in history.Jobs)
        {
            yield return Unless(job.IsFinal, $"{job.Id} is {job.State} when all is still");
        }

        foreach (var seen in history.Transitions.GroupBy(t => t.JobId))
        {
            var steps = ends.TryGetValue(seen.Key, out var end) ? seen.Append(new Transition(end.Id, end.Version, end.State, end.Attempt)).ToList() : [.. seen];
            foreach (var (before, after) in steps.Zip(steps.Skip(1)))
            {
                yield return Unless(Follows(before, after), $"{seen.Key}: {before.State} v{before.Version} attempt {before.Attempt} became {after.State} v{after.Version} attempt {after.Attempt}");
            }
        }
    }

    private static bool Follows(Transition before, Transition after)
    {
        var raised = after.Version - before.Version;
        return before.State is "Completed" or "Failed" or "Canceled"
            ? before == after
            : raised >= 0 && after.Attempt >= before.Attempt && (before.State == after.State || Reaches(before.State, after.State, raised));
    }

    private static bool Reaches(string from, string to, int steps) =>
        steps > 0 && (Edges[from].Contains(to) || Edges[from].Any(next => Reaches(next, to, Math.Min(steps - 1, Edges.Count))));
}
