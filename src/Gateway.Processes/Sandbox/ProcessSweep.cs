using System.Text;
using Gateway.Processes.Launching;
using Gateway.Processes.Spool;

namespace Gateway.Processes.Sandbox;

/// <summary>Finds and kills every process that carries a run's <c>GATEWAY_RUN</c> in its environment.</summary>
internal static unsafe class ProcessSweep
{
    private const int NameOffset = 19;
    private const int ChunkBytes = 16 * 1024;

    /// <summary>Kills until a whole pass over /proc finds none; false if the time ran out first.</summary>
    public static bool KillAll(RunId run, TimeProvider clock, TimeSpan patience)
    {
        var mark = Encoding.ASCII.GetBytes("GATEWAY_RUN=" + run.EnvironmentValue + "\0");
        var began = clock.GetTimestamp();
        var pause = 0;
        while (KillOnce(mark) > 0)
        {
            if (clock.GetElapsedTime(began) > patience)
            {
                return false;
            }

            _ = Native.Poll([], Math.Min(++pause, 20));
        }

        return true;
    }

    private static int KillOnce(ReadOnlySpan<byte> mark)
    {
        var found = 0;
        var directory = Native.opendir("/proc");
        if (directory == 0)
        {
            return 0;
        }

        Span<byte> path = stackalloc byte[64];
        byte* entry;
        while ((entry = Native.readdir(directory)) is not null)
        {
            var name = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameOffset);
            if (System.Buffers.Text.Utf8Parser.TryParse(name, out int pid, out var used) && used == name.Length
                && pid != Environment.ProcessId && Carries(path, name, mark))
            {
                _ = Native.kill(pid, Native.SignalKill);
                found++;
            }
        }

        _ = Native.closedir(directory);
        return found;
    }

    private static bool Carries(Span<byte> path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> mark)
    {
        "/proc/"u8.CopyTo(path);
        name.CopyTo(path[6..]);
        "/environ\0"u8.CopyTo(path[(6 + name.Length)..]);
        int descriptor;
        fixed (byte* start = path)
        {
            descriptor = Native.open(start, Native.ReadOnly | Native.CloseOnExec, 0);
        }

        if (descriptor < 0)
        {
            return false;
        }

        try
        {
            return Contains(descriptor, mark);
        }
        finally
        {
            Native.Close(descriptor);
        }
    }

    private static bool Contains(int descriptor, ReadOnlySpan<byte> mark)
    {
        Span<byte> buffer = stackalloc byte[ChunkBytes];
        var kept = 0;
        while (true)
        {
            var count = Native.Read(descriptor, buffer[kept..]);
            if (count <= 0)
            {
                return false;
            }

            var text = buffer[..(kept + count)];
            if (text.IndexOf(mark) >= 0)
            {
                return true;
            }

            // The mark may lie across two reads.
            kept = Math.Min(mark.Length - 1, text.Length);
            text[^kept..].CopyTo(buffer);
        }
    }
}
