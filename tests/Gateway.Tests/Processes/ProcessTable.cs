using System.Globalization;
using System.Text;
using Gateway.Processes.Launching;
using Gateway.Processes.Spool;

namespace Gateway.Tests.Processes;

/// <summary>What /proc says, read without the code under test.</summary>
internal static class ProcessTable
{
    /// <summary>Processes, zombies left out, that carry a run's mark.</summary>
    public static IReadOnlyList<int> Of(RunId run) =>
        [.. All().Where(pid => EnvironmentOf(pid).Contains("GATEWAY_RUN=" + run.EnvironmentValue) && IsAlive(pid))];

    public static IReadOnlyList<string> EnvironmentOf(int pid)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static void Kill(int pid, string signal) => _ = Native.kill(pid, signal switch { "SIGKILL" => 9, "SIGTERM" => 15, "SIGINT" => 2, "SIGHUP" => 1, _ => throw new ArgumentException(signal) });

    /// <summary>Waits until a process that need not be our child has ended.</summary>
    public static async Task GoneAsync(int pid, CancellationToken limit)
    {
        var descriptor = Native.OpenProcess(pid);
        if (descriptor < 0)
        {
            return;
        }

        try
        {
            await Task.Run(
                () =>
                {
                    Span<Native.PollEntry> entries = [new(descriptor, Native.PollIn)];
                    while (!Native.Poll(entries, 100))
                    {
                        limit.ThrowIfCancellationRequested();
                    }
                },
                limit);
        }
        finally
        {
            Native.Close(descriptor);
        }
    }

    /// <summary>Waits until no process carries a run's mark; false after a time in which the kernel would have done it.</summary>
    public static async Task<bool> EmptiesAsync(RunId run, CancellationToken limit)
    {
        foreach (var pid in Of(run))
        {
            await GoneAsync(pid, limit);
        }

        return Of(run).Count == 0;
    }

    private static IEnumerable<int> All() => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
        .Where(pid => pid > 0);
}
