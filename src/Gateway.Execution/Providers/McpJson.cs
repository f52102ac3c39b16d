using System.Text.Json.Nodes;

namespace Gateway.Execution.Providers;

/// <summary>Pieces of the JSON by which CLIs are told of MCP servers.</summary>
internal static class McpJson
{
    /// <summary>A list of texts.</summary>
    public static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode?)text)];

    /// <summary>Texts by name.</summary>
    public static JsonObject Map(IReadOnlyDictionary<string, string> texts) => new(texts.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value)));
}
