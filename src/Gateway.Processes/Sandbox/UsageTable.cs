using System.Buffers.Text;
using System.Runtime.InteropServices;
using Gateway.Processes.Launching;

namespace Gateway.Processes.Sandbox;

/// <summary>
/// What all processes of the machine take, looked up in one pass over <c>/proc</c> for all runs together: a pass for each run would cost as
/// many times more. Used by many threads.
/// </summary>
/// <param name="clock">Tells how old the newest pass is.</param>
internal sealed unsafe class UsageTable(TimeProvider clock)
{
    /// <summary>How old a pass may be for another run.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(200);

    // d_name of struct dirent of any 64-bit libc.
    private const int NameOffset = 19;
    private const int StatBytes = 1024;
    private const int TicksPerSecond = 100;
    private readonly Lock _looking = new();
    private Dictionary<int, Entry> _processes = [];
    private long _lookedAt;
    private bool _hasLooked;

    /// <summary>What a process and all below it take.</summary>
    /// <param name="root">The process.</param>
    public TreeUsage UsageBelow(int root)
    {
        var processes = Fresh();
        var (count, pages, ticks) = (0, 0L, 0L);
        foreach (var (pid, entry) in processes)
        {
            if (IsBelow(processes, pid, root))
            {
                count++;
                pages += entry.Pages;
                ticks += entry.Ticks;
            }
        }

        return new TreeUsage(count, pages * Environment.SystemPageSize, TimeSpan.FromSeconds((double)ticks / TicksPerSecond));
    }

    // A table that was read while processes came and went may hold a ring; no tree is that deep.
    private static bool IsBelow(Dictionary<int, Entry> processes, int pid, int root)
    {
        for (var steps = 0; steps < 64; steps++)
        {
            if (pid == root)
            {
                return true;
            }

            if (pid <= 1 || !processes.TryGetValue(pid, out var entry))
            {
                return false;
            }

            pid = entry.Parent;
        }

        return false;
    }

    private Dictionary<int, Entry> Fresh()
    {
        lock (_looking)
        {
            if (!_hasLooked || clock.GetElapsedTime(_lookedAt) > Freshness)
            {
                (_processes, _lookedAt, _hasLooked) = (Look(_processes.Count), clock.GetTimestamp(), true);
            }

            return _processes;
        }
    }

    private static Dictionary<int, Entry> Look(int about)
    {
        var found = new Dictionary<int, Entry>(about);
        var directory = Native.opendir("/proc");
        if (directory == 0)
        {
            return found;
        }

        Span<byte> buffer = stackalloc byte[StatBytes];
        byte* entry;
        while ((entry = Native.readdir(directory)) is not null)
        {
            var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameOffset);
            if (Utf8Parser.TryParse(name, out int pid, out var used) && used == name.Length && Read(name, buffer) is { } figures)
            {
                found[pid] = figures;
            }
        }

        _ = Native.closedir(directory);
        return found;
    }

    private static Entry? Read(ReadOnlySpan<byte> name, Span<byte> buffer)
    {
        Span<byte> path = stackalloc byte[64];
        "/proc/"u8.CopyTo(path);
        name.CopyTo(path[6..]);
        "/stat\0"u8.CopyTo(path[(6 + name.Length)..]);
        int descriptor;
        fixed (byte* start = path)
        {
            descriptor = Native.open(start, Native.ReadOnly | Native.CloseOnExec, 0);
        }

        if (descriptor < 0)
        {
            return null;
        }

        var count = Native.Read(descriptor, buffer);
        Native.Close(descriptor);
        return count > 0 ? Parse(buffer[..count]) : null;
    }

    /// <summary>Takes what is needed out of a line of <c>/proc/PID/stat</c>; the name in it may hold anything, brackets and spaces too.</summary>
    internal static Entry Parse(ReadOnlySpan<byte> stat)
    {
        var rest = stat[(stat.LastIndexOf((byte)')') + 1)..];
        Entry entry = default;
        for (var field = 2; rest.Length > 0 && field <= 24; field++)
        {
            var length = rest.IndexOf((byte)' ') is var space and >= 0 ? space : rest.Length;
            _ = Utf8Parser.TryParse(rest[..length], out long value, out _);
            entry = field switch
            {
                4 => entry with { Parent = (int)value },
                14 or 15 or 16 or 17 => entry with { Ticks = entry.Ticks + value },
                24 => entry with { Pages = value },
                _ => entry,
            };
            rest = rest[Math.Min(length + 1, rest.Length)..];
        }

        return entry;
    }

    internal readonly record struct Entry(int Parent, long Ticks, long Pages);
}
