using System.Globalization;
using System.Text;
using Gateway.Processes.Launching;
using Gateway.Processes.Spool;

namespace Gateway.Processes.Sandbox;

/// <summary>Finds and kills every process that carries a run's <c>GATEWAY_RUN</c> in its environment.</summary>
internal static unsafe class ProcessSweep
{
    private const int NameOffset = 19;
    private const int ChunkBytes = 16 * 1024;

    // A process shows no environment while it executes another program. One that shows none so often has none.
    private const int MostBlankPasses = 16;

    private enum Look
    {
        Another,
        Blank,
        Its,
    }

    /// <summary>Kills until a whole pass over /proc finds none and leaves none undecided; false if the time ran out first.</summary>
    public static bool KillAll(RunId run, TimeProvider clock, TimeSpan patience)
    {
        var mark = Encoding.ASCII.GetBytes("GATEWAY_RUN=" + run.EnvironmentValue + "\0");
        var began = clock.GetTimestamp();
        var (pause, blankPasses) = (0, 0);
        while (KillOnce(mark) is var (killed, blanks) && (killed > 0 || (blanks > 0 && blankPasses < MostBlankPasses)))
        {
            blankPasses = killed > 0 ? 0 : blankPasses + 1;
            if (clock.GetElapsedTime(began) > patience)
            {
                return false;
            }

            _ = Native.Poll([], Math.Min(++pause, 20));
        }

        return true;
    }

    private static (int Killed, int Blanks) KillOnce(ReadOnlySpan<byte> mark)
    {
        var (killed, blanks) = (0, 0);
        var directory = Native.opendir("/proc");
        if (directory == 0)
        {
            return (0, 0);
        }

        Span<byte> path = stackalloc byte[64];
        byte* entry;
        while ((entry = Native.readdir(directory)) is not null)
        {
            var name = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameOffset);
            if (System.Buffers.Text.Utf8Parser.TryParse(name, out int pid, out var used) && used == name.Length
                && pid != Environment.ProcessId)
            {
                switch (LookAt(path, name, mark))
                {
                    case Look.Its:
                        _ = Native.kill(pid, Native.SignalKill);
                        killed++;
                        break;
                    case Look.Blank when IsProgram(pid):
                        blanks++;
                        break;
                    default:
                        break;
                }
            }
        }

        _ = Native.closedir(directory);
        return (killed, blanks);
    }

    // Threads of the kernel and zombies have no environment either, and no program.
    private static bool IsProgram(int pid) => Native.access(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/exe"), 0) == 0;

    private static Look LookAt(Span<byte> path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> mark)
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
            return Look.Another;
        }

        try
        {
            return Read(descriptor, mark);
        }
        finally
        {
            Native.Close(descriptor);
        }
    }

    private static Look Read(int descriptor, ReadOnlySpan<byte> mark)
    {
        Span<byte> buffer = stackalloc byte[ChunkBytes];
        var (kept, any) = (0, false);
        while (true)
        {
            var count = Native.Read(descriptor, buffer[kept..]);
            if (count <= 0)
            {
                return any ? Look.Another : Look.Blank;
            }

            any = true;

            var text = buffer[..(kept + count)];
            if (text.IndexOf(mark) >= 0)
            {
                return Look.Its;
            }

            // The mark may lie across two reads.
            kept = Math.Min(mark.Length - 1, text.Length);
            text[^kept..].CopyTo(buffer);
        }
    }
}
