using System.Text;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Output;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>Stored streams in memory, and a count of what was read of them at once.</summary>
internal sealed class FakeOutput : IOutputStore
{
    public Dictionary<(Guid JobId, int Attempt, OutputStream Stream), byte[]> Streams { get; } = [];

    public void Add(Guid jobId, int attempt, OutputStream stream, string text) => Streams[(jobId, attempt, stream)] = Encoding.UTF8.GetBytes(text);

    public int LargestRead { get; private set; }

    public long BytesRead { get; private set; }

    public Task<byte[]> ReadAsync(Guid jobId, int attempt, OutputStream stream, long offset, int maxBytes, CancellationToken cancellationToken)
    {
        Assert.InRange(maxBytes, 1, 8 * 1024 * 1024);
        LargestRead = Math.Max(LargestRead, maxBytes);
        var bytes = Streams.GetValueOrDefault((jobId, attempt, stream)) ?? [];
        var from = (int)Math.Min(offset, bytes.Length);
        var piece = bytes[from..Math.Min(bytes.Length, from + maxBytes)];
        BytesRead += piece.Length;
        return Task.FromResult(piece);
    }

    public Task<RunReceipt> AppendAsync(RunOutput piece, CancellationToken cancellationToken) => throw new NotSupportedException();
}
