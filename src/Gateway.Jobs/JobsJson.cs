using System.Text.Json.Serialization;
using Gateway.Contracts.Values;

namespace Gateway.Jobs;

/// <summary>JSON of what rows keep as text.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(ClaudeArguments))]
[JsonSerializable(typeof(IReadOnlyList<CliReport>))]
public sealed partial class JobsJson : JsonSerializerContext;
