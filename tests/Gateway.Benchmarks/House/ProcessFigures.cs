using System.Globalization;

namespace Gateway.Benchmarks.House;

/// <summary>What the kernel knows of a process.</summary>
internal static class ProcessFigures
{
    // USER_HZ, which has been 100 on every Linux machine for decades.
    private const double TicksPerSecond = 100;

    /// <summary>Processor time of the process itself, without the children it has seen end.</summary>
    public static TimeSpan Cpu(int id)
    {
        var fields = Fields(id);
        return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
    }

    /// <summary>Resident memory now, in MB of 10^6 bytes.</summary>
    public static double ResidentMegabytes(int id) => Status(id, "VmRSS:");

    /// <summary>Most resident memory since <see cref="ForgetPeak"/>.</summary>
    public static double PeakMegabytes(int id) => Status(id, "VmHWM:");

    /// <summary>Begins a new peak.</summary>
    public static void ForgetPeak(int id) => File.WriteAllText($"/proc/{id}/clear_refs", "5");

    public static bool IsAlive(int id)
    {
        try
        {
            return Fields(id)[0] is not ("Z" or "X");
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>All processes below one, of any depth.</summary>
    public static IReadOnlyList<int> Descendants(int id)
    {
        var parents = new List<(int Id, int Parent)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var one))
            {
                try
                {
                    parents.Add((one, int.Parse(Fields(one)[1], CultureInfo.InvariantCulture)));
                }
                catch (IOException)
                {
                    // Ended meanwhile.
                }
            }
        }

        List<int> found = [];
        for (List<int> level = [id]; level.Count > 0; found.AddRange(level))
        {
            level = [.. parents.Where(entry => level.Contains(entry.Parent)).Select(entry => entry.Id)];
        }

        return found;
    }

    // The name may hold blanks and brackets; all after the last bracket is plain. The state is first.
    private static string[] Fields(int id)
    {
        var text = File.ReadAllText($"/proc/{id}/stat");
        return text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static double Status(int id, string name)
    {
        var line = File.ReadLines($"/proc/{id}/status").First(text => text.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
