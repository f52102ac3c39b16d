using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Answers;

/// <summary>How answers are written: camelCase, nothing that has no value, times in UTC.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcMillisecondsConverter)])]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(SubmitAnswer))]
[JsonSerializable(typeof(JobAnswer))]
[JsonSerializable(typeof(FinishedAnswer))]
[JsonSerializable(typeof(DeferredAnswer))]
[JsonSerializable(typeof(RequestAnswer))]
[JsonSerializable(typeof(FailedRunAnswer))]
[JsonSerializable(typeof(ListAnswer))]
[JsonSerializable(typeof(ResultAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ModelsAnswer))]
[JsonSerializable(typeof(VersionsAnswer))]
[JsonSerializable(typeof(ApprovalListAnswer))]
[JsonSerializable(typeof(DecisionAnswer))]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(SessionListAnswer))]
[JsonSerializable(typeof(SessionDeletedAnswer))]
[JsonSerializable(typeof(SessionsClearedAnswer))]
[JsonSerializable(typeof(ActiveSessionAnswer))]
[JsonSerializable(typeof(WorkspaceListAnswer))]
[JsonSerializable(typeof(WorkspaceAnswer))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(string))]
internal sealed partial class AnswerJson : JsonSerializerContext;
