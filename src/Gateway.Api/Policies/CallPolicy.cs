using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Audit;
using Gateway.Policies;
using Gateway.Policies.Evaluation;
using Refusal = Gateway.Policies.Evaluation.Refusal;

namespace Gateway.Api.Policies;

/// <summary>What the policy of a caller says of one call. One grant, and so one snapshot, from beginning to end.</summary>
/// <param name="identity">Who calls.</param>
/// <param name="tool">The tool that is called.</param>
/// <param name="sent">The arguments as sent.</param>
/// <param name="origin">Where the call came from.</param>
/// <param name="at">When, by the store's clock.</param>
/// <param name="audit">What is recorded.</param>
/// <param name="logger">Where a defect of the engine is told.</param>
internal sealed partial class CallPolicy(Identity identity, ToolFacts tool, IEnumerable<KeyValuePair<string, JsonElement>>? sent, CallOrigin origin, DateTimeOffset at, CallAudit audit, ILogger logger)
{
    private const string Method = "tools/call";
    private readonly Dictionary<string, JsonElement> arguments = (sent ?? []).ToDictionary(StringComparer.Ordinal);

    /// <summary>The record of the call as long as nothing is decided.</summary>
    public AuditRecord Record => RecordOf(tool, arguments);

    /// <summary>The arguments as sent, as one object.</summary>
    public JsonElement Sent => AsObject(arguments);

    /// <summary>Whether the tool may be called at all (POLICY.md section 5, steps 3 to 6).</summary>
    public Refusal? JudgeTool() => PolicyEngine.JudgeTool(identity.Grant, tool.Name);

    /// <summary>The terms of this call. An allowed call of a tool that changes nothing leaves no record unless the operator wants it.</summary>
    public AdmissionTerms Terms() => TermsOf(tool, arguments, null, null);

    /// <summary>The terms on which a job may be made.</summary>
    /// <param name="starter">The tool whose rules hold: for a repeat that of the first job.</param>
    /// <param name="merged">Its arguments; null for those of this call.</param>
    /// <param name="directory">Where the run works, whoever named it; null for a directory of its own.</param>
    /// <param name="model">The model that it has, by whatever name it was asked for; null for the CLI's own.</param>
    public AdmissionTerms TermsOfJob(ToolFacts starter, IReadOnlyDictionary<string, JsonElement>? merged, string? directory, string? model) =>
        TermsOf(starter, merged ?? arguments, directory, model);

    private AdmissionTerms TermsOf(ToolFacts judged, IReadOnlyDictionary<string, JsonElement> all, string? directory, string? model)
    {
        var began = TimeProvider.System.GetTimestamp();
        var presented = PresentedArguments.Of(AsObject(all), directory, model);
        var judgement = PolicyEngine.Judge(new PolicyCall(identity.Grant, judged.Name, presented, origin.Session));
        PolicyTelemetry.Took(TimeProvider.System.GetElapsedTime(began));
        if (judgement.Fault is { } fault)
        {
            LogNotJudged(judged.Name, PolicyFaults.KindOf(fault), fault.StackTrace);
        }

        return new AdmissionTerms
        {
            Judgement = judgement,
            GrantLabel = identity.Grant.Label,
            Session = origin.Session,
            Record = RecordOf(judged, all) with { Policy = Text(judgement.Policy), PolicyHash = Text(judgement.PolicyHash) },
            RecordsAllowed = !judged.IsReadOnly || audit.Reads,
        };
    }

    private AuditRecord RecordOf(ToolFacts judged, IReadOnlyDictionary<string, JsonElement> all) => new()
    {
        At = at,
        RequestId = origin.RequestId,
        TraceId = origin.TraceId,
        Tenant = identity.Grant.Tenant,
        Grant = identity.Grant.Label,
        Caller = identity.Operator ?? identity.Grant.Value,
        Session = origin.Session,
        Address = identity.Address,
        Method = Method,
        Tool = judged.Name,
        Decision = AuditDecisions.Allowed,
        Policy = identity.Grant.Policy?.Name,
        PolicyHash = identity.Grant.Policy?.Hash,
        ArgumentNames = AuditArguments.NamesOf(all.Keys, judged.Arguments),
        ArgumentsHash = audit.HashOf(all),
        JobId = CallAudit.JobOf(all),
    };

    private static JsonElement AsObject(IReadOnlyDictionary<string, JsonElement> all) => JsonSerializer.SerializeToElement(all, PolicyJson.Default.IReadOnlyDictionaryStringJsonElement);

    private static string? Text(string text) => text.Length > 0 ? text : null;

    // Never the message of the fault: it may hold what the caller sent.
    [LoggerMessage(EventId = 857, Level = LogLevel.Error, Message = "A call of {Tool} could not be judged and was refused: {Fault} {Place}")]
    private partial void LogNotJudged(string tool, string fault, string? place);
}
