using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Gateway.EndToEndTests.Support;

/// <summary>
/// Decides after a fault test, from database and agent log alone, whether the promises held. Its rules are those of the
/// reliability sheet: nothing lost, one absorbing final state, no two runs of a job at a time, nothing left alive, output
/// whole, attempts within bounds, nothing pending, costs counted once.
/// </summary>
internal sealed class Checker(JobStore store, IReadOnlyCollection<Guid> accepted)
{
    private static readonly Dictionary<string, string[]> Edges = new()
    {
        ["Queued"] = ["Running", "Failed", "Canceled"],
        ["Running"] = ["Completed", "Failed", "Canceling", "Queued"],
        ["Canceling"] = ["Canceled", "Completed", "Failed"],
        ["Completed"] = [],
        ["Failed"] = [],
        ["Canceled"] = [],
    };

    private readonly Dictionary<Guid, JobRow> _seen = [];
    private readonly List<string> _faults = [];

    /// <summary>Looks once while faults are injected: versions only rise, every change can be reached over edges, final states stay.</summary>
    public void Sample()
    {
        foreach (var job in store.Jobs())
        {
            if (_seen.TryGetValue(job.Id, out var before))
            {
                Expect(job.Version >= before.Version, $"{job.Id}: version fell from {before.Version} to {job.Version}");
                Expect(!before.IsFinal || (job.State == before.State && job.Version == before.Version), $"{job.Id}: {before.State} v{before.Version} became {job.State} v{job.Version}");
                Expect(job.State == before.State || Reaches(before.State, job.State, job.Version - before.Version), $"{job.Id}: no way from {before.State} to {job.State} in {job.Version - before.Version} steps");
            }

            _seen[job.Id] = job;
        }
    }

    /// <summary>The final check; <paramref name="costPerJobUsd"/> is what each completed job's agent reported.</summary>
    public async Task CheckAsync(IReadOnlyList<AgentRun> runs, decimal? costPerJobUsd = null)
    {
        await Wait.UntilAsync(() => store.Count("Outbox") == 0, "the outbox is empty", TimeSpan.FromSeconds(30));
        Sample();
        var jobs = store.Jobs().ToDictionary(j => j.Id);
        foreach (var id in accepted)
        {
            Expect(jobs.TryGetValue(id, out var job), $"I1 {id} is lost");
            Expect(job is null || job.IsFinal, $"I2 {id} is not final: {job?.State}");
            Expect(job is null || job.CountedAttempts <= job.MaxAttempts, $"I7 {id} counted {job?.CountedAttempts} of {job?.MaxAttempts}");
            Expect(job?.DurationMs is null or >= 0, $"I9 {id} took {job?.DurationMs} ms");
            Expect(costPerJobUsd is null || job is null || job.State != "Completed" || job.CostUsd == costPerJobUsd, $"I13 {id} cost {job?.CostUsd}");
        }

        RunsDoNotOverlap(runs);
        OutputIsWhole();
        await NothingLivesAsync(jobs);
        Assert.True(_faults.Count == 0, string.Create(CultureInfo.InvariantCulture, $"{_faults.Count} faults:\n{string.Join('\n', _faults.Take(30))}"));
    }

    private static bool Reaches(string from, string to, int steps) =>
        steps > 0 && (Edges[from].Contains(to) || Edges[from].Any(next => Reaches(next, to, steps - 1)));

    private void RunsDoNotOverlap(IReadOnlyList<AgentRun> runs)
    {
        foreach (var job in runs.GroupBy(r => r.JobId))
        {
            var ordered = job.OrderBy(r => r.StartTicks).ToList();
            Expect(ordered.Select(r => r.Attempt).Distinct().Count() == ordered.Count, $"I4 {job.Key}: an attempt was started twice: {string.Join(',', ordered.Select(r => r.Attempt))}");
            foreach (var (earlier, later) in ordered.Zip(ordered.Skip(1)))
            {
                Expect(earlier.Attempt < later.Attempt, $"I4 {job.Key}: attempt {later.Attempt} began after {earlier.Attempt}");
                Expect(earlier.StopTicks is null || earlier.StopTicks <= later.StartTicks, $"I4 {job.Key}: attempts {earlier.Attempt} and {later.Attempt} overlap");
            }
        }
    }

    private void OutputIsWhole()
    {
        foreach (var (jobId, attempt, _, streams) in store.Attempts().Where(a => a.StreamsJson.Length > 2))
        {
            foreach (var stream in JsonElement.Parse(streams).EnumerateArray())
            {
                var number = stream.EnumerateObject().First(m => m.Name.Equals("stream", StringComparison.OrdinalIgnoreCase)).Value;
                var (length, sha256) = store.Stream(jobId, attempt, number.GetInt32());
                Expect(length == Member(stream, "lengthBytes").GetInt64() && (length == 0 || sha256 == Member(stream, "sha256").GetString()), $"I6 {jobId}/{attempt} stream {number}: {length} bytes stored, told {stream}");
            }
        }
    }

    private static JsonElement Member(JsonElement element, string name) => element.EnumerateObject().First(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private async Task NothingLivesAsync(Dictionary<Guid, JobRow> jobs)
    {
        foreach (var id in accepted.Where(id => jobs.TryGetValue(id, out var job) && job.IsFinal).Take(50))
        {
            await Wait.UntilAsync(() => ProcessTable.Of(id).Count == 0, $"I5 nothing of {id} lives", TimeSpan.FromSeconds(10));
        }
    }

    private void Expect(bool holds, string fault)
    {
        if (!holds && !_faults.Contains(fault))
        {
            _faults.Add(fault);
        }
    }
}
