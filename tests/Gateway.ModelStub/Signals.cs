using System.Runtime.InteropServices;

namespace Gateway.ModelStub;

/// <summary>Waits for TERM or INT; the empty host has no console lifetime of its own.</summary>
internal static class Signals
{
    public static async Task WaitForStopAsync()
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }

        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        await stop.Task;
    }
}
