using System.Collections;
using System.Diagnostics;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Values;

namespace Gateway.Execution.Runs;

/// <summary>Whose run a line of the log is about: job, attempt, tenant, and the trace of the call that asked for it.</summary>
internal sealed class RunScope : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly KeyValuePair<string, object?>[] _values;

    private RunScope(RunKey key, string? tenant, string? traceParent) => _values =
    [
        new("JobId", key.JobId),
        new("Attempt", key.Attempt),
        new("Tenant", tenant),
        new("TraceId", ActivityContext.TryParse(traceParent, null, out var trace) ? trace.TraceId.ToHexString() : null),
    ];

    /// <inheritdoc/>
    public int Count => _values.Length;

    /// <inheritdoc/>
    public KeyValuePair<string, object?> this[int index] => _values[index];

    /// <summary>The run that a command asks for.</summary>
    public static RunScope Of(RunClaudeRequest request) => new(new RunKey(request.JobId, request.Attempt), request.Tenant, request.TraceParent);

    /// <summary>A run of which the note tells; null when there is none.</summary>
    public static RunScope Of(RunKey key, RunNote? note) => new(key, note?.Tenant, note?.TraceParent);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, object?>>)_values).GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => $"{_values[0].Value} {_values[1].Value}";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
