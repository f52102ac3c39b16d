namespace Gateway.Storage.Model;

/// <summary>How much of each stream of an attempt is stored.</summary>
public sealed class OutputRow
{
    public Guid JobId { get; init; }

    public int Attempt { get; init; }

    public long StdoutBytes { get; set; }

    public long StderrBytes { get; set; }

    public long AnswerBytes { get; set; }

    public long TranscriptBytes { get; set; }

    public long DiffBytes { get; set; }

    /// <summary>When the newest byte was stored.</summary>
    public long LastActivityAtMs { get; set; }
}
