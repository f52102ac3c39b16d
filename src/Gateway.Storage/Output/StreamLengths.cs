using Gateway.Contracts.Values;
using Gateway.Storage.Model;

namespace Gateway.Storage.Output;

/// <summary>Between the streams and the columns that hold their lengths.</summary>
internal static class StreamLengths
{
    /// <summary>Stored bytes of a stream.</summary>
    public static long Get(OutputRow row, OutputStream stream) => stream switch
    {
        OutputStream.Stdout => row.StdoutBytes,
        OutputStream.Stderr => row.StderrBytes,
        OutputStream.Answer => row.AnswerBytes,
        OutputStream.Transcript => row.TranscriptBytes,
        OutputStream.Diff => row.DiffBytes,
        _ => throw new ArgumentOutOfRangeException(nameof(stream)),
    };

    /// <summary>Keeps the stored bytes of a stream.</summary>
    public static void Set(OutputRow row, OutputStream stream, long length)
    {
        switch (stream)
        {
            case OutputStream.Stdout:
                row.StdoutBytes = length;
                break;
            case OutputStream.Stderr:
                row.StderrBytes = length;
                break;
            case OutputStream.Answer:
                row.AnswerBytes = length;
                break;
            case OutputStream.Transcript:
                row.TranscriptBytes = length;
                break;
            case OutputStream.Diff:
                row.DiffBytes = length;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(stream));
        }
    }

    /// <summary>Stored bytes of every stream; all zero for no row.</summary>
    public static IReadOnlyDictionary<OutputStream, long> All(OutputRow? row) => new Dictionary<OutputStream, long>
    {
        [OutputStream.Stdout] = row?.StdoutBytes ?? 0,
        [OutputStream.Stderr] = row?.StderrBytes ?? 0,
        [OutputStream.Answer] = row?.AnswerBytes ?? 0,
        [OutputStream.Transcript] = row?.TranscriptBytes ?? 0,
        [OutputStream.Diff] = row?.DiffBytes ?? 0,
    };
}
