using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Gateway.Hosting.Startup;

/// <summary>The console's log without keys: what a message or an exception says is looked through before any formatter sees it, whole.</summary>
/// <param name="console">Writes.</param>
/// <param name="withoutKeys">Replaces the keys in a text.</param>
[ProviderAlias("Console")]
internal sealed class KeylessConsole(ConsoleLoggerProvider console, Func<string, string> withoutKeys) : ILoggerProvider, ISupportExternalScope
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Keyless(console.CreateLogger(categoryName), withoutKeys);

    /// <inheritdoc/>
    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => console.SetScopeProvider(scopeProvider);

    /// <inheritdoc/>
    public void Dispose() => console.Dispose();

    private sealed class Keyless(ILogger inner, Func<string, string> withoutKeys) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                var told = Told(exception);
                inner.Log(logLevel, eventId, state, told, (said, _) => withoutKeys(formatter(said, exception)));
            }
        }

        private Exception? Told(Exception? exception)
        {
            var text = exception?.ToString();
            return text is not null && withoutKeys(text) is var clean && clean != text ? new ToldException(clean) : exception;
        }
    }

    /// <summary>Stands for an exception that named a key.</summary>
    private sealed class ToldException(string text) : Exception(text)
    {
        public override string ToString() => Message;
    }
}
