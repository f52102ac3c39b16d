using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Api.Mcp.Answers;

namespace Gateway.Api.Policies;

/// <summary>Arguments as one object, and what is said of a call.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcMillisecondsConverter)])]
[JsonSerializable(typeof(IReadOnlyDictionary<string, JsonElement>))]
[JsonSerializable(typeof(PolicyExplanation))]
internal sealed partial class PolicyJson : JsonSerializerContext;
