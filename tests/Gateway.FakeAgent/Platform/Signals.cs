using System.Runtime.InteropServices;

namespace Gateway.FakeAgent.Platform;

/// <summary>Ends like the real CLI: TERM 143, HUP 129, both without a result. Handlers are set by hand, since PID 1 of a namespace has no default ones.</summary>
internal sealed class Signals
{
    // Kept from the collector for the life of the process.
    private readonly PosixSignalRegistration[] _registrations;

    // Never set: the main thread sleeps on it while handlers run on their own thread.
    private static readonly ManualResetEventSlim Never = new();

    public Signals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnStop(context, 143)),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => OnStop(context, 129)),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => OnStop(context, 0)),
    ];

    public bool Ignored { get; set; }

    /// <summary>What to print on the stop signal before the end.</summary>
    public string? LastWords { get; set; }

    /// <summary>What else happens at the very end, told the exit code.</summary>
    public Action<int>? Ending { get; set; }

    public static void Pause(int milliseconds) => Never.Wait(milliseconds);

    public void Exit(int code)
    {
        Ending?.Invoke(code);
        Native.Exit(code);
    }

    private void OnStop(PosixSignalContext context, int code)
    {
        context.Cancel = true;
        if (Ignored)
        {
            return;
        }

        if (LastWords is { } words)
        {
            Output.Line(words);
        }

        Exit(code);
    }
}
