using System.Text.Json;
using Gateway.Api.Mcp.Answers;

namespace Gateway.Api.Mcp.Arguments;

/// <summary>A call after its check: typed values, faults, warnings.</summary>
internal sealed class ParsedArguments
{
    /// <summary>What was sent and is not null, by name.</summary>
    public SortedDictionary<string, JsonElement> Sent { get; } = new(StringComparer.Ordinal);

    /// <summary>Values that passed.</summary>
    public Dictionary<string, object> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>Everything that is wrong.</summary>
    public FaultList Faults { get; } = new();

    /// <summary>What the caller should know.</summary>
    public List<Warning> Warnings { get; } = [];

    public bool Has(string name) => Sent.ContainsKey(name);

    public string? Text(string name) => Values.GetValueOrDefault(name) as string;

    public long? Number(string name) => Values.GetValueOrDefault(name) as long?;

    public decimal? Amount(string name) => Values.GetValueOrDefault(name) as decimal?;

    public bool Flag(string name) => Values.GetValueOrDefault(name) is true;

    public DateTimeOffset? Time(string name) => Values.GetValueOrDefault(name) as DateTimeOffset?;

    public IReadOnlyList<string> List(string name) => Values.GetValueOrDefault(name) as List<string> ?? [];

    public JsonElement? Json(string name) => Values.GetValueOrDefault(name) as JsonElement?;
}
