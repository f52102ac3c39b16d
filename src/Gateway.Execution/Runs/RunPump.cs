using System.Text;
using Gateway.Contracts.Values;
using Gateway.Execution.Providers;
using Gateway.Processes.Spool;

namespace Gateway.Execution.Runs;

/// <summary>
/// Carries the streams of one run from the spool to the control plane, as fast as receipts come, and never more than a
/// piece of each in memory.
/// </summary>
internal sealed class RunPump(SpooledRun spooled, RunNote note, IAgentProvider provider, RunLine line, KeyMask mask, long transcriptCapBytes, Func<CancellationToken, Task<(WorktreeChange Change, byte[] Diff)?>> change, TimeProvider clock)
{
    /// <summary>Most bytes of one piece.</summary>
    public const int PieceBytes = 32 * 1024;

    // A run that writes a little and ends is told in one piece then; a caller polls far less often than this.
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenTranscripts = TimeSpan.FromSeconds(2);

    private readonly IAgentReader _reader = provider.CreateReader(note);
    private readonly TaskCompletionSource<AgentReport> _report = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _transcript;

    /// <summary>Carries all until the run has ended and every byte of it is stored.</summary>
    /// <param name="askFirst">The control plane may have a part of it already.</param>
    /// <param name="cancellationToken">Stops where it is; the run is not touched.</param>
    /// <returns>Null when all has to be sent again, by another pump.</returns>
    public async Task<PumpedRun?> PumpAsync(bool askFirst, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var stored = askFirst
            ? (await line.SendAsync(OutputStream.Stdout, 0, [], [], stopping.Token)).StoredBytes
            : new Dictionary<OutputStream, long>();
        stopping.Token.ThrowIfCancellationRequested();
        using var stdout = Sender(OutputStream.Stdout);
        using var stderr = Sender(OutputStream.Stderr);
        using var answer = Sender(OutputStream.Answer);
        using var transcript = Sender(OutputStream.Transcript);
        var all = await AllAsync(
            stopping,
            PumpSpoolAsync(SpoolStream.Stdout, stdout, stopping.Token),
            PumpSpoolAsync(SpoolStream.Stderr, stderr, stopping.Token),
            PumpAnswerAsync(answer, stopping.Token),
            PumpTranscriptAsync(transcript, stopping.Token));
        if (!all || spooled.End is not { } end)
        {
            return null;
        }

        var report = _reader.Conclude(await _report.Task, new AgentEnd(end.ExitCode, () => spooled.OpenRead(SpoolStream.Stderr)));
        StreamSummary[] four = [stdout.Summary, stderr.Summary, answer.Summary, transcript.Summary];
        if (note.Worktree is null || await change(stopping.Token) is not { } changed)
        {
            return new PumpedRun(end, report, four);
        }

        using var diff = Sender(OutputStream.Diff);
        return await SendAllAsync(diff, changed.Diff, stopping.Token) ? new PumpedRun(end, report, [.. four, diff.Summary], changed.Change) : null;

        StreamSender Sender(OutputStream stream) => new(stream, line, stored.GetValueOrDefault(stream));
    }

    private static async Task<bool> AllAsync(CancellationTokenSource stopping, params IEnumerable<Task<bool>> parts)
    {
        // Started together, and when one cannot go on the others must not wait for the end of a long run.
        var all = parts.ToList();
        var whole = true;
        await foreach (var part in Task.WhenEach(all))
        {
            if (!part.IsCompletedSuccessfully || !await part)
            {
                whole = false;
                await stopping.CancelAsync();
                break;
            }
        }

        try
        {
            await Task.WhenAll(all);
        }
        catch (OperationCanceledException) when (all.Any(part => part.IsCompletedSuccessfully && !part.GetAwaiter().GetResult()))
        {
            // Stopped by ourselves, to begin again.
        }

        return whole;
    }

    private async Task<bool> PumpSpoolAsync(SpoolStream stream, StreamSender sender, CancellationToken cancellationToken)
    {
        var isStdout = stream == SpoolStream.Stdout;
        FileStream? file = null;
        try
        {
            var held = 0;
            while (true)
            {
                var (length, ended) = await BytesAsync(stream, sender.Length + held, cancellationToken);
                List<AgentEvent> events = [];
                var piece = new byte[Math.Min(PieceBytes, length - sender.Length)];
                if (piece.Length > 0)
                {
                    file ??= spooled.OpenRead(stream);
                    file.Position = sender.Length;
                    await file.ReadExactlyAsync(piece, cancellationToken);
                }

                var last = ended && sender.Length + piece.Length == length;
                var free = mask.Apply(piece, last);
                (held, piece) = (piece.Length - free, free == piece.Length ? piece : piece[..free]);
                if (isStdout)
                {
                    Read(piece, last, events);
                }

                if (!await sender.SendAsync(piece, events, cancellationToken))
                {
                    return false;
                }

                if (last)
                {
                    return true;
                }
            }
        }
        catch (Exception e) when (isStdout)
        {
            // Else the answer would be waited for, for ever.
            _report.TrySetException(e);
            throw;
        }
        finally
        {
            if (file is not null)
            {
                await file.DisposeAsync();
            }
        }
    }

    private void Read(byte[] piece, bool last, List<AgentEvent> events)
    {
        _reader.Read(piece, events);
        if (last)
        {
            _reader.Complete(events);
            _report.TrySetResult(_reader.Report());
        }
    }

    private async Task<(long Length, bool Ended)> BytesAsync(SpoolStream stream, long seen, CancellationToken cancellationToken)
    {
        await WaitAsync(seen);
        if (spooled.End is null)
        {
            // A source that has its own timer: one that is disposed in the moment of its tick takes no harm, and no process with it.
            using var time = new CancellationTokenSource(Linger, clock);
            using var lingering = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, time.Token);
            try
            {
                await WaitAsync(seen + PieceBytes - 1, lingering.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // What is there by now is sent.
            }
        }

        // The end first: only then is the length known to be the last one.
        var ended = spooled.End is not null;
        return (stream == SpoolStream.Stdout ? spooled.StdoutLength : spooled.StderrLength, ended);

        Task WaitAsync(long bytes, CancellationToken? token = null) => stream == SpoolStream.Stdout
            ? spooled.WaitForChangeAsync(bytes, long.MaxValue, token ?? cancellationToken)
            : spooled.WaitForChangeAsync(long.MaxValue, bytes, token ?? cancellationToken);
    }

    private async Task<bool> PumpAnswerAsync(StreamSender sender, CancellationToken cancellationToken)
    {
        var report = await _report.Task.WaitAsync(cancellationToken);
        return await SendAllAsync(sender, Encoding.UTF8.GetBytes(mask.Apply(report.Answer) ?? ""), cancellationToken);
    }

    private static async Task<bool> SendAllAsync(StreamSender sender, byte[] bytes, CancellationToken cancellationToken)
    {
        foreach (var piece in bytes.Chunk(PieceBytes))
        {
            if (!await sender.SendAsync(piece, [], cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> PumpTranscriptAsync(StreamSender sender, CancellationToken cancellationToken)
    {
        var ending = spooled.WaitForChangeAsync(long.MaxValue, long.MaxValue, cancellationToken);
        while (true)
        {
            await Task.WhenAny(ending, Task.Delay(BetweenTranscripts, clock, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            var ended = spooled.End is not null;
            if (!await SendTranscriptAsync(sender, cancellationToken))
            {
                return false;
            }

            if (ended)
            {
                return true;
            }
        }
    }

    private async Task<bool> SendTranscriptAsync(StreamSender sender, CancellationToken cancellationToken)
    {
        _transcript ??= provider.FindTranscript(note);
        using var file = _transcript is null ? null : SafeFile.OpenRead(_transcript);
        if (file is null)
        {
            return true;
        }

        // Up to the length of now: a file that grows as fast as it is sent would never be done. And not without end: the agent can write it.
        var length = Math.Min(file.Length, transcriptCapBytes);
        if (length <= sender.Length)
        {
            return true;
        }

        file.Position = sender.Length;
        while (sender.Length < length)
        {
            var piece = new byte[Math.Min(PieceBytes, length - sender.Length)];
            var read = await file.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, cancellationToken);
            if (read == 0 || !await sender.SendAsync(read == piece.Length ? piece : piece[..read], [], cancellationToken))
            {
                return read == 0;
            }
        }

        return true;
    }
}
