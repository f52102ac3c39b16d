using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Api.Mcp.Answers;
using Gateway.Jobs.Administration;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Reading;

namespace Gateway.Api.Admin;

/// <summary>What could not be done, in words.</summary>
internal sealed record AdminError(string Error);

/// <summary>What <c>/admin/status</c> answers.</summary>
internal sealed record AdminStatus(
    string Version, bool Ready, JsonElement Health, string Backend, int Running, int Queued, int Slots, IReadOnlyList<WorkerView> Workers, OutboxFigures Outbox, AdminSeal Audit,
    IReadOnlyList<RestingCredential> Parked, IReadOnlyDictionary<string, string>? RunLimits, IReadOnlyList<VersionsAnswer.VersionView> Clis);

/// <summary>How sealing of the audit log does; <c>Fault</c> says why it does not.</summary>
internal sealed record AdminSeal(long Sealed, long Waiting, double OldestWaitingSeconds, string? Fault);

/// <summary>Jobs of a list.</summary>
internal sealed record AdminJobs(IReadOnlyList<JobView> Jobs);

/// <summary>Dead letters of a list.</summary>
internal sealed record AdminLetters(IReadOnlyList<AdminLetter> Letters);

/// <summary>Requests for approval of a list.</summary>
internal sealed record AdminApprovals(IReadOnlyList<ApprovalView> Approvals);

/// <summary>Keys of a list.</summary>
internal sealed record AdminKeys(IReadOnlyList<AdminKey> Keys);

/// <summary>Something was done.</summary>
internal sealed record AdminDone(bool Done);

/// <summary>How the operator's answers are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcMillisecondsConverter)])]
[JsonSerializable(typeof(AdminError))]
[JsonSerializable(typeof(AdminStatus))]
[JsonSerializable(typeof(AdminJobs))]
[JsonSerializable(typeof(AdminLetters))]
[JsonSerializable(typeof(AdminApprovals))]
[JsonSerializable(typeof(ApprovalView))]
[JsonSerializable(typeof(AdminKeys))]
[JsonSerializable(typeof(AdminKey))]
[JsonSerializable(typeof(AdminDone))]
[JsonSerializable(typeof(AdminAudit))]
[JsonSerializable(typeof(AuditVerdict))]
[JsonSerializable(typeof(AdminPolicies))]
[JsonSerializable(typeof(AdminQuestion))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(AdminLetter))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class AdminJson : JsonSerializerContext;
