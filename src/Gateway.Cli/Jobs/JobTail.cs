using System.Text;
using Gateway.Cli.Admin;
using Gateway.Cli.Terminal;

namespace Gateway.Cli.Jobs;

/// <summary>Follows a job: its events, or one of its streams.</summary>
internal sealed class JobTail(AdminClient client, Screen screen, string id)
{
    private const int WaitMs = 20_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Prints until the job has ended.</summary>
    /// <returns>0 for a completed job, 1 for any other end.</returns>
    public Task<int> FollowAsync(string? stream, CancellationToken cancellationToken) => stream is null ? FollowEventsAsync(cancellationToken) : FollowStreamAsync(stream, cancellationToken);

    private async Task<int> FollowEventsAsync(CancellationToken cancellationToken)
    {
        for (long after = 0; ;)
        {
            var job = await client.GetAsync($"jobs/{id}?after={after}&waitMs={WaitMs}", cancellationToken);
            var progress = job["progress"];
            foreach (var entry in progress?["events"]?.AsArray() ?? [])
            {
                screen.Line(screen.AsJson ? entry?.ToJsonString() ?? "" : $"{entry?["ts"]}  {entry?["phase"],-10} {entry?["message"]}");
            }

            after = progress?["nextAfterSeq"]?.GetValue<long>() ?? after;
            if (job["finishedAt"] is not null && progress?["hasMore"]?.GetValue<bool>() != true)
            {
                return job["status"]?.ToString() == "completed" ? ExitCodes.Done : ExitCodes.Failed;
            }
        }
    }

    private async Task<int> FollowStreamAsync(string stream, CancellationToken cancellationToken)
    {
        // Bytes come as they were written: a character may begin in one piece and end in the next.
        var decoder = Encoding.UTF8.GetDecoder();
        for (long offset = 0; ;)
        {
            var (bytes, isEnd) = await client.GetBytesAsync($"jobs/{id}/output/{Uri.EscapeDataString(stream)}?offset={offset}", cancellationToken);
            offset += bytes.Length;
            var text = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
            var piece = new string(text, 0, decoder.GetChars(bytes, text, flush: isEnd));
            await Outlet.PieceAsync(piece);
            if (isEnd)
            {
                return ExitCodes.Done;
            }

            if (bytes.Length == 0)
            {
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }
        }
    }
}
