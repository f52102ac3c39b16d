using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gateway.FakeAgent.Platform;

namespace Gateway.FakeAgent.Behaviour;

/// <summary>Verbs that wait, print raw bytes, touch files and start children.</summary>
internal static class Effects
{
    private const int PollMs = 5;

    public static bool Play(string verb, string text, Signals signals)
    {
        switch (verb)
        {
            case "sleep":
                Signals.Pause(int.Parse(text, CultureInfo.InvariantCulture));
                return true;
            case "hang":
                Signals.Pause(Timeout.Infinite);
                return true;
            case "wait":
                while (!File.Exists(text))
                {
                    Signals.Pause(PollMs);
                }

                return true;
            case "tick":
                Tick(text, signals);
                return true;
            case "print":
                Output.Line(text);
                return true;
            case "print-bytes":
                Flood.Raw(text);
                return true;
            case "copy":
                Output.CopyFile = text;
                return true;
            case "stderr":
                Output.Error(text + "\n");
                return true;
            default:
                return Files(verb, text, signals) || Children(verb, text);
        }
    }

    public static string Contents(string path)
    {
        try
        {
            return Directory.Exists(path) ? string.Join('\n', Directory.EnumerateFileSystemEntries(path).Order()) : File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot read: {e.GetType().Name}";
        }
    }

    private static bool Files(string verb, string text, Signals signals)
    {
        switch (verb)
        {
            case "touch":
                Native.Append(text, []);
                return true;
            case "write":
                File.WriteAllText(text.Split(' ', 2)[0], text.Split(' ', 2)[^1] + "\n");
                return true;
            case "effect":
                Native.Append(text, Encoding.UTF8.GetBytes(Run.Text + "\n"));
                return true;
            case "log":
                Log(text, "start");
                signals.Ending = code => Log(text, $"stop:{code}");
                return true;
            default:
                return false;
        }
    }

    private static bool Children(string verb, string text)
    {
        var seconds = text.Length > 0 ? text : "3600";
        switch (verb)
        {
            // Same session and group, pipes inherited.
            case "child":
                Start("sleep", seconds);
                return true;
            // A session of its own, output thrown away.
            case "grandchild":
                Start("sh", "-c", $"setsid sleep {seconds} >/dev/null 2>&1 </dev/null &");
                return true;
            // Orphaned twice over and still holding stdout, so its end of file does not come.
            case "double-fork":
                Start("sh", "-c", $"(setsid sh -c 'sleep {seconds} & exit' &)");
                return true;
            // Not to be found by GATEWAY_RUN either.
            case "hidden-child":
                Start("env", "-i", "setsid", "sh", "-c", $"sleep {seconds} >/dev/null 2>&1 </dev/null &");
                return true;
            case "shell":
                Start("sh", "-c", text);
                return true;
            default:
                return false;
        }
    }

    private static void Start(string program, params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!.Dispose();

    /// <summary>Monotonic time is shared by all processes of a machine, so intervals of different runs can be compared.</summary>
    private static void Log(string file, string what) =>
        Native.Append(file, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{what} {Run.Text} {Environment.ProcessId} {TimeProvider.System.GetTimestamp()}\n")));

    private static void Tick(string text, Signals signals)
    {
        var parts = text.Split(' ');
        for (var i = 1; i <= int.Parse(parts[1], CultureInfo.InvariantCulture); i++)
        {
            Signals.Pause(int.Parse(parts[0], CultureInfo.InvariantCulture));
            Output.Line($$"""{"type":"system","subtype":"informational","tick":{{i}}}""");
        }
    }
}
