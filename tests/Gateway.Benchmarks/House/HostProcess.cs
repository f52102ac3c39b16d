using System.Diagnostics;

namespace Gateway.Benchmarks.House;

/// <summary>A gateway or a worker as a process, which is killed at its end.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly string _log;

    private HostProcess(Process process, string log) => (_process, _log) = (process, log);

    public int Id => _process.Id;

    /// <summary>The line by which it said that it was ready.</summary>
    public string Ready { get; private set; } = "";

    /// <summary>Starts it and waits for its line.</summary>
    /// <param name="program">The program.</param>
    /// <param name="settings">Its arguments.</param>
    /// <param name="line">How its line begins.</param>
    /// <param name="log">File for what it logs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<HostProcess> StartAsync(string program, IEnumerable<string> settings, string line, string log, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        var start = ProgramStart.Of(program, settings);
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} was not started.");
        var host = new HostProcess(process, log);
        var errors = File.AppendText(log);
        process.ErrorDataReceived += (_, one) =>
        {
            lock (errors)
            {
                errors.WriteLine(one.Data);
                errors.Flush();
            }
        };
        process.BeginErrorReadLine();
        try
        {
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } said)
            {
                if (said.StartsWith(line, StringComparison.Ordinal))
                {
                    host.Ready = said;
                    return host;
                }
            }

            throw new InvalidOperationException($"{program} did not start: {host.LogTail()}");
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public string LogTail() => string.Join('\n', File.ReadLines(_log).TakeLast(12));

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
