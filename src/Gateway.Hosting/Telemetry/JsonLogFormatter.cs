using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Gateway.Hosting.Telemetry;

/// <summary>
/// One line of JSON an entry: when, how bad, who says it, which fact, and of which job, attempt, tenant and trace where that is known. What
/// an entry holds besides stays in its message: a log that copied every value would be wider than anybody looked at.
/// </summary>
internal sealed class JsonLogFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    /// <summary>Its name among the console's formatters.</summary>
    public const string FormatterName = "gateway-json";

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string TraceMember = "traceId";

    // Values of log messages and scopes that are members of their own.
    private static readonly Dictionary<string, string> Members = new(StringComparer.Ordinal)
    {
        ["JobId"] = "jobId",
        ["Attempt"] = "attempt",
        ["Tenant"] = "tenant",
        ["TraceId"] = TraceMember,
    };

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            json.WriteString("at", clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteString("level", Word(logEntry.LogLevel));
            json.WriteString("category", logEntry.Category);
            json.WriteNumber("event", logEntry.EventId.Id);
            json.WriteString("message", logEntry.Formatter(logEntry.State, logEntry.Exception));
            WriteKnown(json, logEntry.State, scopeProvider);

            if (logEntry.Exception is { } exception)
            {
                json.WriteString("exception", exception.ToString());
            }

            json.WriteEndObject();
        }

        textWriter.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static void WriteKnown<TState>(Utf8JsonWriter json, TState state, IExternalScopeProvider? scopes)
    {
        // The nearest wins: the entry itself, then the innermost scope. A member twice would be no JSON.
        var known = new Dictionary<string, object>(StringComparer.Ordinal);
        scopes?.ForEachScope(static (scope, found) => Collect(scope, found), known);
        Collect(state, known);

        // What waited in a queue is taken by a sweep with a trace of its own: the one that a scope names is the job's.
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity && known.TryAdd(TraceMember, activity.TraceId.ToHexString()))
        {
            known["spanId"] = activity.SpanId.ToHexString();
        }

        foreach (var (name, value) in known)
        {
            if (value is int number)
            {
                json.WriteNumber(name, number);
            }
            else
            {
                json.WriteString(name, value.ToString());
            }
        }
    }

    private static void Collect(object? values, Dictionary<string, object> found)
    {
        if (values is not IEnumerable<KeyValuePair<string, object?>> pairs)
        {
            return;
        }

        foreach (var (name, value) in pairs)
        {
            if (value is not null && Members.TryGetValue(name, out var member))
            {
                found[member] = value;
            }
        }
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "information",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };
}
