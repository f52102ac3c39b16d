using System.Text.Json;
using Gateway.Jobs;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Reading;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Jobs;

/// <summary>Turns a caller's filter into conditions on the rows.</summary>
internal static class JobFilters
{
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

        var pattern = "%" + filter.Text.Replace(@"\", @"\\", StringComparison.Ordinal)
            .Replace("%", @"\%", StringComparison.Ordinal)
            .Replace("_", @"\_", StringComparison.Ordinal).ToLowerInvariant() + "%";
#pragma warning disable CA1304, CA1311, CA1862 // Translated to SQL, where cultures are not.
        return jobs.Where(j =>
            EF.Functions.Like(j.LabelsJson.ToLower(), pattern, @"\")
            || EF.Functions.Like(j.RequestCorrelationId.ToLower(), pattern, @"\")
            || (j.Model != null && EF.Functions.Like(j.Model.ToLower(), pattern, @"\"))
            || EF.Functions.Like(j.PromptPreview.ToLower(), pattern, @"\"));
#pragma warning restore CA1304, CA1311, CA1862
    }

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
