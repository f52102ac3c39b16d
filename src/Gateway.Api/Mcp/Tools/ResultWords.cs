using Gateway.Api.Mcp.Answers;
using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Tools;

/// <summary>
/// The text block of a result: the page itself, after a line about the job unless that completed. Warnings are told in that
/// line, as far as there is room: a page stands alone.
/// </summary>
internal static class ResultWords
{
    public static string Of(JobView job, string text, IReadOnlyList<Warning>? warnings)
    {
        if (job.Status == JobStatus.Completed && text.Length > 0)
        {
            return text;
        }

        var state = job.Status == JobStatus.Completed ? $"Finished: {job.Id} completed. There is no more text." : JobWords.Of(job);
        foreach (var warning in warnings ?? [])
        {
            state = state.Length + 1 + warning.Message.Length <= JobWords.MostChars ? $"{state} {warning.Message}" : state;
        }

        return text.Length == 0 ? state : $"{state}\n\n{text}";
    }

    public static string Of(JobView job, IReadOnlyList<(string Stream, StreamPage Page)> pages, IReadOnlyList<Warning>? warnings)
    {
        var filled = pages.Where(p => p.Page.Text.Length > 0).ToArray();
        return Of(job, filled.Length == 2 ? $"{filled[0].Page.Text}\n\n[stderr]\n{filled[1].Page.Text}" : string.Concat(filled.Select(p => p.Page.Text)), warnings);
    }
}
