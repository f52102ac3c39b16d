using System.Text.Json.Serialization;
using Gateway.Contracts.Values;

namespace Gateway.Jobs;

/// <summary>JSON of what rows keep as text.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(ClaudeArguments))]
[JsonSerializable(typeof(IReadOnlyList<CliReport>))]
[JsonSerializable(typeof(RunPlaces))]
[JsonSerializable(typeof(RunWorktree))]
[JsonSerializable(typeof(WorktreeChange))]
[JsonSerializable(typeof(IReadOnlyList<WorkspaceReport>))]
public sealed partial class JobsJson : JsonSerializerContext;
