using System.Runtime.InteropServices;
using Gateway.Processes.Memory;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Processes;

[Collection(nameof(Alone))]
public sealed class NativeHeapSpecs
{
    private const int Blocks = 40_000;
    private const int BlockBytes = 1024;

    [Fact]
    public unsafe void What_was_freed_below_something_that_is_still_used_is_given_back()
    {
        var blocks = new nint[Blocks];
        for (var i = 0; i < Blocks; i++)
        {
            blocks[i] = (nint)NativeMemory.Alloc(BlockBytes);
            NativeMemory.Fill((void*)blocks[i], BlockBytes, 1);
        }

        foreach (var block in blocks.AsSpan(0, Blocks - 1))
        {
            NativeMemory.Free((void*)block);
        }

        var before = ResidentBytes();
        NativeHeap.Trim();
        var after = ResidentBytes();
        NativeMemory.Free((void*)blocks[^1]);

        Assert.True(before - after > Blocks / 2 * BlockBytes, $"{before} bytes were resident before, {after} after");
    }

    private static long ResidentBytes() => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], null) * 1024;
}
