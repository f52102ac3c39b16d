using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Gateway.EndToEndTests.Support;

/// <summary>What /proc says, read without the code under test.</summary>
internal static class ProcessTable
{
    private const string Mark = "GATEWAY_RUN=";

    /// <summary>Living processes of any run whose environment names this folder.</summary>
    public static IReadOnlyList<string> RunsBelow(string folder) =>
        [.. Marked(environment => environment.Exists(v => v.Contains(folder, StringComparison.Ordinal)))];

    /// <summary>Living processes of a job.</summary>
    public static IReadOnlyList<string> Of(Guid jobId) =>
        [.. Marked(environment => environment.Exists(v => v.StartsWith($"{Mark}{jobId:D}/", StringComparison.Ordinal)))];

    public static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A figure of /proc/PID/status in bytes, 0 when the process is gone.</summary>
    public static long Memory(int pid, string figure)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith(figure + ":", StringComparison.Ordinal));
            return long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException)
        {
            return 0;
        }
    }

    public static async Task SignalAsync(int pid, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", pid.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Kills by id and waits until the process is gone.</summary>
    public static async Task KillAsync(int pid)
    {
        await SignalAsync(pid, "KILL");
        await Wait.UntilAsync(() => !IsAlive(pid), $"process {pid} is gone");
    }

    private static IEnumerable<string> Marked(Predicate<List<string>> belongs)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            {
                continue;
            }

            var environment = EnvironmentOf(pid);
            if (environment.Find(v => v.StartsWith(Mark, StringComparison.Ordinal)) is { } mark && belongs(environment) && IsAlive(pid))
            {
                yield return $"{pid} {mark[Mark.Length..]} {CommandOf(pid)}";
            }
        }
    }

    private static List<string> EnvironmentOf(int pid) => [.. Read($"/proc/{pid}/environ").Split('\0', StringSplitOptions.RemoveEmptyEntries)];

    private static string CommandOf(int pid) => Read($"/proc/{pid}/cmdline").Replace('\0', ' ');

    private static string Read(string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(file));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
