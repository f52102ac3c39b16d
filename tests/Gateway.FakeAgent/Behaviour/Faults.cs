using System.Globalization;
using Gateway.FakeAgent.Platform;

namespace Gateway.FakeAgent.Behaviour;

/// <summary>Verbs that misbehave.</summary>
internal static class Faults
{
    private static readonly List<byte[]> Allocated = [];

    public static bool Play(string verb, string text, Signals signals)
    {
        switch (verb)
        {
            case "exit":
                signals.Exit(int.Parse(text, CultureInfo.InvariantCulture));
                return true;
            case "no-result":
                signals.Exit(0);
                return true;
            case "die":
                Die(text, signals);
                return true;
            case "ignore-term":
                signals.Ignored = true;
                return true;
            case "on-term":
                signals.LastWords = text;
                return true;
            case "kill-parent":
                _ = Native.Kill(Native.ParentId(), 9);
                return true;
            case "close-stdout":
                _ = Native.Close(1);
                return true;
            case "alloc":
                Allocate(int.Parse(text, CultureInfo.InvariantCulture));
                return true;
            default:
                return false;
        }
    }

    private static void Die(string name, Signals signals)
    {
        var signal = name switch { "HUP" => 1, "INT" => 2, "QUIT" => 3, "ABRT" => 6, "KILL" => 9, "SEGV" => 11, "PIPE" => 13, "TERM" => 15, _ => int.Parse(name, CultureInfo.InvariantCulture) };
        _ = Native.Kill(Environment.ProcessId, signal);
        Signals.Pause(1000);

        // PID 1 of a namespace cannot be killed from within: it ends with the code that a shell would tell.
        signals.Exit(128 + signal);
    }

    /// <summary>Touches every page, so that a memory limit bites.</summary>
    private static void Allocate(int megabytes)
    {
        for (var i = 0; i < megabytes; i++)
        {
            var block = GC.AllocateUninitializedArray<byte>(1 << 20);
            block.AsSpan().Fill(1);
            Allocated.Add(block);
        }
    }
}
