using System.Globalization;
using System.Text;
using Gateway.Processes.Launching;
using Microsoft.Extensions.Logging;

namespace Gateway.Processes.Runner;

/// <summary>Writes to stderr, which the starter has opened as <c>runner.log</c>; emptied when it passes its limit.</summary>
internal sealed class RunnerLog(TimeProvider clock) : ILogger
{
    private const int LimitBytes = 1 << 20;
    private readonly Lock _gate = new();
    private long _written;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var line = string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {logLevel} {eventId.Id} {formatter(state, exception)} {exception?.Message}").TrimEnd() + "\n";
        lock (_gate)
        {
            _written += line.Length;
            if (_written > LimitBytes)
            {
                _ = Native.ftruncate(2, 0);
                _written = line.Length;
            }

            _ = Native.Write(2, Encoding.UTF8.GetBytes(line));
        }
    }
}
