using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Nemesis.Checks;
using Gateway.Nemesis.Faults;
using Gateway.Nemesis.History;
using Gateway.Nemesis.House;

namespace Gateway.Nemesis.Reporting;

/// <summary>What a run has shown: its counts, and for each broken promise the evidence.</summary>
internal sealed partial class Report(
    NemesisOptions options, NemesisHouse house, FaultPlan plan, RunHistory history, IReadOnlyList<Finding> findings, IReadOnlyList<string> faults, int looks, int sentAgain)
{
    private const int ShownViolations = 12;
    private const int ShownJobs = 5;
    private const int ShownLines = 60;

    public bool Holds => faults.Count == 0 && findings.All(f => f.Violations.Count == 0) && findings.Sum(f => f.Examined) > 0;

    /// <summary>The result as tests have it.</summary>
    public void WriteCtrf(string file) => CtrfFile.Write(file, findings, faults);

    /// <summary>Everything that a reader needs without the logs.</summary>
    public async Task WriteAsync(TextWriter output)
    {
        Write(output, $"seed {options.Seed}, {options.Minutes} minutes; lease {NemesisHouse.Lease.TotalSeconds} s");
        Write(output, $"");
        Write(output, $"faults: {plan.Counts.Values.Sum()}, {plan.Overlaps} of them while another was on");
        foreach (var (name, count) in plan.Counts)
        {
            Write(output, $"  {count,4}  {name}");
        }

        Write(output, $"starts of processes: {string.Join(", ", house.Programs.Select(p => $"{p.Name} {p.Starts}"))}; messages sent again: {sentAgain}; poison: {plan.Poison.Count}");
        WriteJobs(output);
        Write(output, $"");
        Write(output, $"checks (looked at, broken)");
        foreach (var finding in findings)
        {
            Write(output, $"  {finding.Examined,7}  {finding.Violations.Count,4}  {finding.Check}");
        }

        if (!Holds)
        {
            await WriteEvidenceAsync(output);
        }

        Write(output, $"");
        Write(output, $"{(Holds ? "every check holds" : "A PROMISE WAS BROKEN")}");
    }

    private static void Write(TextWriter output, FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private void WriteJobs(TextWriter output)
    {
        Write(output, $"");
        Write(output, $"jobs: {history.Jobs.Count}; submits that were unknown and asked again: {history.Stories.Sum(s => s.UnknownSubmits)}; acknowledged cancels: {history.Stories.Sum(s => s.Cancels.Count)}");
        foreach (var end in history.Jobs.GroupBy(j => j.FailureKind is null ? j.State : $"{j.State} {j.FailureKind}").OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            Write(output, $"  {end.Count(),6}  {end.Key}");
        }

        var lost = history.Attempts.Count(a => a.FailureKind == "worker_lost");
        Write(output, $"runs of agents: {history.Runs.Count}, cut {history.Runs.Count(r => r.StopTicks is null)}; attempts lost: {lost}; jobs with more than one attempt: {history.Jobs.Count(j => j.Attempt > 1)}");
        Write(output, $"events heard: {history.Events.Count}, of ends {history.Events.Count(e => e.IsEnd)}; looks at the rows: {looks}; looks at health: {history.Probes.Count}");
        Write(output, $"most memory: {string.Join(", ", history.Memory.Select(m => $"{m.Process} {m.Bytes >> 20} MiB"))}");
    }

    private async Task WriteEvidenceAsync(TextWriter output)
    {
        Write(output, $"");
        Write(output, $"timeline");
        foreach (var line in house.Timeline.Lines)
        {
            Write(output, $"  {line}");
        }

        foreach (var fault in faults)
        {
            Write(output, $"BROKEN: {fault}");
        }

        foreach (var finding in findings.Where(f => f.Violations.Count > 0))
        {
            foreach (var violation in finding.Violations.Take(ShownViolations))
            {
                Write(output, $"BROKEN {finding.Check}: {violation}");
            }
        }

        foreach (var job in Ids().Take(ShownJobs))
        {
            await WriteJobAsync(output, job);
        }
    }

    private IEnumerable<Guid> Ids() => findings.SelectMany(f => f.Violations).Concat(faults).SelectMany(v => GuidPattern().Matches(v)).Select(m => Guid.Parse(m.Value)).Distinct();

    private async Task WriteJobAsync(TextWriter output, Guid id)
    {
        Write(output, $"");
        Write(output, $"evidence of {id}: {history.Jobs.FirstOrDefault(j => j.Id == id)}");
        foreach (var line in history.Attempts.Where(a => a.JobId == id).Select(a => a.ToString())
            .Concat(history.Runs.Where(r => r.JobId == id).Select(r => r.ToString()))
            .Concat(history.Sightings.Where(s => s.JobId == id).Select(s => s.ToString()))
            .Concat(history.Events.Where(e => e.JobId == id).Select(e => e.ToString()))
            .Concat(history.Stories.Where(s => s.Accepted.Contains(id)).SelectMany(s => s.Observations.Select(o => o.ToString()).Concat(s.Cancels.Select(c => c.ToString()))))
            .Concat(await house.Database.EventsAsync(id, CancellationToken.None)))
        {
            Write(output, $"  {line}");
        }

        foreach (var program in house.Programs)
        {
            foreach (var line in File.ReadLines(program.LogFile).Where(l => l.Contains(id.ToString(), StringComparison.Ordinal)).Take(ShownLines))
            {
                Write(output, $"  {program.Name}: {line}");
            }
        }
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex GuidPattern();
}
