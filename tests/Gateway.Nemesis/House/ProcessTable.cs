using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Nemesis.House;

/// <summary>Processes by what /proc says, read without the code under test, and signals to them.</summary>
internal static partial class ProcessTable
{
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    private static readonly byte[] Mark = "GATEWAY_RUN="u8.ToArray();

    public static void Signal(int pid, int signal)
    {
        // 0 and below would be a whole group of processes.
        if (pid > 1)
        {
            _ = SendSignal(pid, signal);
        }
    }

    public static bool IsAlive(int pid)
    {
        var stat = Encoding.UTF8.GetString(Read($"/proc/{pid}/stat"));
        return stat.Length > 0 && stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
    }

    /// <summary>Living processes of runs whose environment names the folder: id, and the run as <c>JOB/ATTEMPT</c>.</summary>
    public static IReadOnlyList<(int Pid, string Run)> Runs(string folder)
    {
        var owned = Encoding.UTF8.GetBytes(folder);
        List<(int, string)> found = [];
        foreach (var path in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && Read($"/proc/{pid}/environ") is var environment
                && environment.AsSpan().IndexOf(Mark) is var at and >= 0
                && environment.AsSpan().IndexOf(owned) >= 0
                && IsAlive(pid))
            {
                var text = environment.AsSpan(at + Mark.Length);
                found.Add((pid, Encoding.UTF8.GetString(text.IndexOf((byte)0) is var end and >= 0 ? text[..end] : text)));
            }
        }

        return found;
    }

    public static string CommandOf(int pid) => Encoding.UTF8.GetString(Read($"/proc/{pid}/cmdline")).Replace('\0', ' ');

    /// <summary>Resident memory in bytes, 0 when the process is gone.</summary>
    public static long Resident(int pid)
    {
        var line = Encoding.UTF8.GetString(Read($"/proc/{pid}/status")).Split('\n').FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static byte[] Read(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}
