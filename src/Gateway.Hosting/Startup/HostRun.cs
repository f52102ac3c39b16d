using Microsoft.Extensions.Hosting;

namespace Gateway.Hosting.Startup;

/// <summary>How a host of ours lives: started, running until it is told to stop, stopped, gone.</summary>
public static class HostRun
{
    /// <summary>
    /// Runs the host to its end. Unlike the framework's own way a start that fails is followed by a stop: the parts that have started by
    /// then work, and would cry out when what they use is taken away under them.
    /// </summary>
    /// <param name="host">The host; it is disposed.</param>
    public static async Task RunToEndAsync(this IHost host)
    {
        await using var end = new Ending(host);
        try
        {
            await host.StartAsync();
        }
        catch
        {
            await StopAsync(host);
            throw;
        }

        await host.WaitForShutdownAsync();
    }

    private static async Task StopAsync(IHost host)
    {
        try
        {
            await host.StopAsync();
        }
        catch (Exception)
        {
            // What never started may not be able to stop; the person has to read why it did not start.
        }
    }

    private sealed class Ending(IHost host) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            if (host is IAsyncDisposable disposable)
            {
                return disposable.DisposeAsync();
            }

            host.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
