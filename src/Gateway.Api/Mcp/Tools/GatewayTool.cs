using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Policies;
using Gateway.Jobs;
using Gateway.Jobs.Audit;
using Gateway.Policies;
using Gateway.Policies.Evaluation;
using MassTransit;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Gateway.Api.Mcp.Tools;

/// <summary>
/// The edge that every tool passes: scope, strict arguments, and one error shape for whatever goes wrong behind it.
/// </summary>
internal abstract partial class GatewayTool(ToolCard card, ILogger logger) : McpServerTool
{
    private const int StoreRetrySeconds = 5;
    private readonly ToolFacts facts = card.ToFacts();

    /// <summary>What is announced, and the scope that is needed.</summary>
    public ToolCard Card { get; } = card;

    /// <inheritdoc/>
    public override Tool ProtocolTool { get; } = card.ToProtocolTool();

    /// <inheritdoc/>
    public override IReadOnlyList<object> Metadata => [];

    /// <inheritdoc/>
    public override async ValueTask<CallToolResult> InvokeAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default)
    {
        var jobs = request.Services!.GetRequiredService<IJobDesk>();
        return await RunAsync(Identity.Of(request.User), request.Params?.Arguments, jobs, request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The call without its transport.</summary>
    internal async Task<CallToolResult> RunAsync(
        Identity identity,
        IEnumerable<KeyValuePair<string, JsonElement>>? arguments,
        IJobDesk jobs,
        RequestContext<CallToolRequestParams>? request,
        CancellationToken cancellationToken)
    {
        try
        {
            var call = new ToolCall
            {
                Identity = identity,
                Arguments = Card.Arguments.Parse(arguments),
                Jobs = jobs,
                Policy = new CallPolicy(identity, facts, arguments, CallOrigin.Of(request), jobs.Now, jobs.Audit, logger),
                Request = request,
                TraceParent = Activity.Current?.Id,
            };
            return await RunUnderPolicyAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (ToolException refusal)
        {
            return ToolReply.Of(refusal.Error);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return ToolReply.Of(Explain(fault, identity));
        }
    }

    /// <summary>The order of POLICY.md section 5: may the tool be called, is the call sound, may it pass, and only then does it act.</summary>
    private async Task<CallToolResult> RunUnderPolicyAsync(ToolCall call, CancellationToken cancellationToken)
    {
        if (!call.Identity.Has(Card.Scope))
        {
            throw ToolException.Because(ErrorKinds.Forbidden, $"{Card.Name} needs the scope {Card.Scope}, which your credential does not carry.");
        }

        if (call.Policy.JudgeTool() is { } refused)
        {
            await RefuseAsync(call, call.Policy.Record.Denied(refused), cancellationToken).ConfigureAwait(false);
            throw new ToolException(RefusalAnswer.Of(refused));
        }

        try
        {
            if (!Card.IsStarter)
            {
                ThrowIfFaulty(call);
                await PassAsync(call, cancellationToken).ConfigureAwait(false);
            }

            return await AnswerAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (ToolException fault) when (fault is { IsRecorded: false, Error.Kind: ErrorKinds.InvalidInput or ErrorKinds.Forbidden or ErrorKinds.NotFound })
        {
            // An unknown job and a foreign one alike: by what is written nobody tells them apart.
            await RefuseAsync(call, call.Policy.Record with { Decision = AuditDecisions.Denied, Kind = fault.Error.Kind }, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    // A job's terms are judged where its request is whole; all other tools are judged, counted and recorded before they do anything.
    private async Task PassAsync(ToolCall call, CancellationToken cancellationToken)
    {
        if (await call.Jobs.CountAsync(call.Identity.Caller, call.Policy.Terms(), Card.Name, call.Policy.Sent, cancellationToken).ConfigureAwait(false) is { } refusal)
        {
            PolicyTelemetry.CallDecided(AuditDecisions.Denied, refusal.Kind);
            throw new ToolException(RefusalAnswer.Of(refusal));
        }

        PolicyTelemetry.CallDecided(AuditDecisions.Allowed, null);
    }

    private static Task RefuseAsync(ToolCall call, AuditRecord record, CancellationToken cancellationToken)
    {
        PolicyTelemetry.CallDecided(AuditDecisions.Denied, record.Kind);
        return call.Jobs.RecordAsync(record, cancellationToken);
    }

    /// <summary>Answers a call. Arguments may still be faulty: see <see cref="ThrowIfFaulty"/>.</summary>
    protected abstract Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken);

    /// <summary>Ends the call when an argument is wrong; all faults are told at once.</summary>
    protected void ThrowIfFaulty(ToolCall call)
    {
        if (call.Arguments.Faults.Count > 0)
        {
            throw ToolException.InvalidInput(Card.Name, call.Arguments.Faults);
        }
    }

    /// <summary>The job that the call names. Any other text is simply an unknown job.</summary>
    protected static Guid JobId(ToolCall call)
    {
        var text = call.Arguments.Text("jobId") ?? string.Empty;
        return JobIdText.TryParse(text, out var id) ? id : throw ToolException.NotFound(text);
    }

    /// <summary>Puts the owner in for those who may know it.</summary>
    protected static Gateway.Jobs.Reading.JobView Seen(ToolCall call, Gateway.Jobs.Reading.JobView job) =>
        call.Identity.Has(Scopes.JobsAdmin) && job.Owner is null ? job with { Owner = call.Identity.Grant.Label } : job;

    private ErrorRecord Explain(Exception fault, Identity identity)
    {
        switch (fault)
        {
            case StoreUnavailableException:
                LogStoreUnavailable(fault, Card.Name);
                return RefusalAnswer.Of(PolicyEngine.Unavailable(identity.Grant.Policy?.Hash));
            case RequestTimeoutException or TimeoutException:
                LogPartUnavailable(fault, Card.Name);
                return new ErrorRecord
                {
                    Kind = ErrorKinds.Unavailable,
                    Message = "A part of the gateway did not answer in time. Ask llm_job_status what became of the job before you try again.",
                    Retryable = true,
                    RetryAfterSeconds = StoreRetrySeconds,
                };
            default:
                var reference = RandomNumberGenerator.GetHexString(12, lowercase: true);
                LogDefect(fault, Card.Name, reference);
                return new ErrorRecord
                {
                    Kind = ErrorKinds.Internal,
                    Message = $"A defect of the gateway ended the call. The log of the gateway has it under {reference}.",
                    Retryable = true,
                };
        }
    }

    [LoggerMessage(EventId = 801, Level = LogLevel.Warning, Message = "{Tool} was refused because the store cannot be reached")]
    private partial void LogStoreUnavailable(Exception fault, string tool);

    [LoggerMessage(EventId = 802, Level = LogLevel.Warning, Message = "{Tool} got no answer from another part in time")]
    private partial void LogPartUnavailable(Exception fault, string tool);

    [LoggerMessage(EventId = 803, Level = LogLevel.Error, Message = "{Tool} ended with a defect, reference {Reference}")]
    private partial void LogDefect(Exception fault, string tool, string reference);
}
