using System.Text.Json;
using Gateway.Jobs;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Reading;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Jobs;

/// <summary>Turns a caller's filter into conditions on the rows.</summary>
internal static class JobFilters
{
    // What no text holds, so that nothing is found across two of them.
    private const string Between = "\u001f";

    /// <summary>The jobs that fit.</summary>
    public static IQueryable<Job> Apply(IQueryable<Job> jobs, JobFilter filter)
    {
        if (filter.Statuses.Count > 0)
        {
            var states = filter.Statuses.Select(JobStates.StateOf).ToList();
            jobs = jobs.Where(j => states.Contains(j.CurrentState));
        }

        if (filter.Cli is { } cli)
        {
            jobs = jobs.Where(j => j.Cli == cli);
        }

        if (filter.Workspace is { } workspace)
        {
            var upper = workspace.ToUpperInvariant();
#pragma warning disable CA1304, CA1311, CA1862 // Translated to SQL, where cultures are not; names are ASCII.
            jobs = jobs.Where(j => j.Workspace != null && j.Workspace.ToUpper() == upper);
#pragma warning restore CA1304, CA1311, CA1862
        }

        if (filter.SessionId is { } session)
        {
            jobs = jobs.Where(j => j.SessionId == session);
        }

        if (filter.CorrelationId is { } correlation)
        {
            jobs = jobs.Where(j => j.RequestCorrelationId == correlation);
        }

        foreach (var label in filter.Labels)
        {
            // Labels hold no quote, so their JSON text is found only as a whole label.
            var quoted = JsonSerializer.Serialize([label], JobsJson.Default.IReadOnlyListString)[1..^1];
            jobs = jobs.Where(j => j.LabelsJson.Contains(quoted));
        }

        return Times(Text(jobs, filter), filter);
    }

    private static IQueryable<Job> Text(IQueryable<Job> jobs, JobFilter filter)
    {
        if (filter.Text is null)
        {
            return jobs;
        }

        var (typed, small, capital) = PatternsOf(filter.Text);
#pragma warning disable CA1304, CA1311 // Translated to SQL, where cultures are not.
        return from job in jobs
               let all = (job.LabelsJson + Between + job.RequestCorrelationId + Between + (job.Model ?? "") + Between + job.PromptPreview).ToLower()
               where EF.Functions.Like(all, typed, @"\") || EF.Functions.Like(all, small, @"\") || EF.Functions.Like(all, capital, @"\")
               select job;
#pragma warning restore CA1304, CA1311
    }

    // SQLite's lower() knows ASCII alone: other letters are looked for as typed, as small and as capital ones.
    private static (string Typed, string Small, string Capital) PatternsOf(string text)
    {
        var escaped = text.Replace(@"\", @"\\", StringComparison.Ordinal)
            .Replace("%", @"\%", StringComparison.Ordinal)
            .Replace("_", @"\_", StringComparison.Ordinal)
            .Replace("[", @"\[", StringComparison.Ordinal);
        return ($"%{AsciiLower(escaped)}%", $"%{AsciiLower(escaped.ToLowerInvariant())}%", $"%{AsciiLower(escaped.ToUpperInvariant())}%");
    }

    private static string AsciiLower(string text) => string.Create(text.Length, text, static (target, source) =>
    {
        for (var i = 0; i < source.Length; i++)
        {
            target[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
        }
    });

    private static IQueryable<Job> Times(IQueryable<Job> jobs, JobFilter filter)
    {
        if (filter.CreatedAfter is { } after)
        {
            var ms = after.ToUnixTimeMilliseconds();
            jobs = jobs.Where(j => j.CreatedAtMs >= ms);
        }

        if (filter.CreatedBefore is { } before)
        {
            var ms = before.ToUnixTimeMilliseconds();
            jobs = jobs.Where(j => j.CreatedAtMs < ms);
        }

        if (filter.After is { } cursor)
        {
            var (ms, id) = (cursor.CreatedAtMs, cursor.JobId);
            jobs = jobs.Where(j => j.CreatedAtMs < ms || (j.CreatedAtMs == ms && j.CorrelationId < id));
        }

        return jobs;
    }
}
