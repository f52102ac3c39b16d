using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Jobs;
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
            if (!identity.Has(Card.Scope))
            {
                throw ToolException.Because(ErrorKinds.Forbidden, $"{Card.Name} needs the scope {Card.Scope}, which your credential does not carry.");
            }

            var call = new ToolCall
            {
                Identity = identity,
                Arguments = Card.Arguments.Parse(arguments),
                Jobs = jobs,
                Request = request,
                TraceParent = Activity.Current?.Id,
            };
            return await AnswerAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (ToolException refusal)
        {
            return ToolReply.Of(refusal.Error);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return ToolReply.Of(Explain(fault));
        }
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
        call.Identity.Has(Scopes.JobsAdmin) && job.Owner is null ? job with { Owner = call.Identity.Caller.Grant } : job;

    private ErrorRecord Explain(Exception fault)
    {
        switch (fault)
        {
            case StoreUnavailableException:
                LogStoreUnavailable(fault, Card.Name);
                return new ErrorRecord
                {
                    Kind = ErrorKinds.PolicyUnavailable,
                    Message = "The store cannot be reached; nothing was accepted. Try again later.",
                    Retryable = true,
                    RetryAfterSeconds = StoreRetrySeconds,
                };
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
