using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>What is stored of each stream is what the worker counted, and what the agent itself kept a copy of.</summary>
internal sealed class OutputIsWhole() : Check("I6 P9 stored output is what was produced")
{
    protected override IEnumerable<string?> Look(RunHistory history) =>
        from attempt in history.Attempts
        from stream in attempt.Streams
        let whole = stream.StoredBytes == stream.ToldBytes && (stream.StoredBytes == 0 || stream.StoredSha256 == stream.ToldSha256)
        let same = attempt.OutputTruncated || stream.AgentSha256 is null || stream.AgentSha256 == stream.StoredSha256
        select Unless(whole && same, $"{attempt.JobId}/{attempt.Attempt} {stream.Stream}: {stream.StoredBytes} bytes are stored, {stream.ToldBytes} were told{(same ? "" : "; the agent wrote others")}");
}
