using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Api.Policies;

/// <summary>Arguments as one object.</summary>
[JsonSerializable(typeof(IReadOnlyDictionary<string, JsonElement>))]
internal sealed partial class PolicyJson : JsonSerializerContext;
