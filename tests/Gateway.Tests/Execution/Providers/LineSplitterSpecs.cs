using System.Text;
using Gateway.Execution.Providers;
using Xunit;

namespace Gateway.Tests.Execution.Providers;

/// <summary>Bytes in any pieces become whole lines; long lines are held in one buffer that goes when they are over.</summary>
public sealed class LineSplitterSpecs
{
    private const int Limit = 4 * 1024 * 1024;
    private const int Piece = 32 * 1024;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1_000)]
    public void Lines_are_handed_on_whole_however_they_come(int piece)
    {
        var splitter = new LineSplitter(10);
        List<(string Text, long End)> lines = [];
        var bytes = Encoding.UTF8.GetBytes("one\n\ntwo é\nfar too long for it\nlast");

        foreach (var part in bytes.Chunk(piece))
        {
            splitter.Feed(part, Take);
        }

        splitter.Complete(Take);
        Assert.Equal([("one", 4), ("two é", 12), ("last", bytes.Length)], lines);
        Assert.Equal(1, splitter.PassedOver);

        void Take(ReadOnlyMemory<byte> line, long end) => lines.Add((Encoding.UTF8.GetString(line.Span), end));
    }

    [Fact]
    public void A_row_of_long_lines_takes_no_new_memory_each_and_short_ones_give_the_buffer_back()
    {
        var splitter = new LineSplitter(Limit);
        var longLine = Line(1_000_000);
        Feed(splitter, longLine);

        var rowOfLong = Allocated(() => Feed(splitter, longLine), times: 20);
        var shortLines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("short\n", 100)));
        splitter.Feed(shortLines, (_, _) => { });
        var afterShort = Allocated(() => Feed(splitter, longLine), times: 1);

        Assert.True(rowOfLong < 100_000, $"{rowOfLong} bytes");
        Assert.True(afterShort > 1_000_000, $"{afterShort} bytes: the buffer was kept");
    }

    private static long Allocated(Action act, int times)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < times; i++)
        {
            act();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Feed(LineSplitter splitter, byte[] bytes)
    {
        for (var from = 0; from < bytes.Length; from += Piece)
        {
            splitter.Feed(bytes.AsSpan(from, Math.Min(Piece, bytes.Length - from)), static (_, _) => { });
        }
    }

    private static byte[] Line(int length) => [.. Enumerable.Repeat((byte)'x', length - 1), (byte)'\n'];
}
