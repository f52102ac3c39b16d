using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using MassTransit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Runs;

/// <summary>
/// Everything that a worker says to the control plane. Goes straight to the bus: answers are the back-pressure, and the
/// spool is the store, so no outbox is needed. Safe for use by many threads.
/// </summary>
internal sealed partial class ControlPlane(IBus bus, HeartbeatBus heartbeats, IOptions<WorkerOptions> options, TimeProvider clock, ILogger<ControlPlane> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // A question counts its time from when the broker has taken it, and minds no token before: one that was on its way when the connection
    // broke may never be told of, and whoever waited for it would wait for ever, with his lease renewed. Long enough that a broker which is away
    // for an hour finds a few hundred copies of a piece, which are denied.
    private const int TimeoutsOnTheWay = 4;

    private readonly IClientFactory _clients =
        bus.CreateClientFactory(RequestTimeout.After(ms: (int)options.Value.AnswerTimeout.TotalMilliseconds));

    private readonly IClientFactory _heartbeatClients =
        heartbeats.Bus.CreateClientFactory(RequestTimeout.After(ms: (int)options.Value.AnswerTimeout.TotalMilliseconds));

    /// <summary>Asks for an attempt, once.</summary>
    /// <returns>The grant, or why it was denied.</returns>
    /// <exception cref="RequestTimeoutException">Nobody answered.</exception>
    public async Task<(RunGranted? Granted, string? Denied)> ClaimAsync(ClaimRun claim, CancellationToken cancellationToken)
    {
        var client = _clients.CreateRequestClient<ClaimRun>(EndpointNames.Address(EndpointNames.Claim));
        var answer = await WithinAsync(token => client.GetResponse<RunGranted, RunDenied>(claim, token), cancellationToken);
        if (answer.Is(out Response<RunGranted>? granted))
        {
            return (granted.Message, null);
        }

        var reason = answer.Is(out Response<RunDenied>? denied) ? denied.Message.Reason : RunDenied.Unknown;
        ClaimDenied(claim.JobId, claim.Attempt, reason);
        return (null, reason);
    }

    /// <summary>Says that a run has begun. May be lost: its output says the same.</summary>
    public async Task SendStartedAsync(RunStarted started, CancellationToken cancellationToken)
    {
        try
        {
            var endpoint = await bus.GetSendEndpoint(EndpointNames.Address(EndpointNames.JobLifecycle));
            await endpoint.Send(started, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            MessageNotSent(started.JobId, nameof(RunStarted), e.GetType().Name);
        }
    }

    /// <summary>Sends a piece of output until it is answered.</summary>
    public Task<RunReceipt> SendOutputAsync(RunOutput output, CancellationToken cancellationToken) =>
        AskAsync<RunOutput, RunReceipt>(EndpointNames.RunOutput, output, new RunKey(output.JobId, output.Attempt), expires: true, cancellationToken);

    /// <summary>Sends how a run ended until it is answered; whether it was stored is in the answer.</summary>
    /// <typeparam name="T"><see cref="RunCompleted"/>, <see cref="RunFailed"/>, <see cref="RunCanceled"/>, <see cref="RunInterrupted"/> or <see cref="AttemptLost"/>.</typeparam>
    public Task<RunReceipt> SendOutcomeAsync<T>(RunKey key, T outcome, CancellationToken cancellationToken)
        where T : class => AskAsync<T, RunReceipt>(EndpointNames.JobLifecycle, outcome, key, expires: false, cancellationToken);

    /// <summary>Sends a heartbeat, once.</summary>
    /// <exception cref="RequestTimeoutException">Nobody answered.</exception>
    /// <exception cref="OperationCanceledException">The broker did not take it in time; the next one says more than this.</exception>
    public async Task<HeartbeatAnswer> SendHeartbeatAsync(WorkerHeartbeat heartbeat, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Value.AnswerTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var client = _heartbeatClients.CreateRequestClient<WorkerHeartbeat>(EndpointNames.Address(EndpointNames.Heartbeat));
        return (await client.GetResponse<HeartbeatAnswer>(heartbeat, context => context.UseExecute(send => send.Durable = false), either.Token)
            .WaitAsync(either.Token)).Message;
    }

    /// <summary>Asks which jobs have ended and which sessions are gone, once.</summary>
    /// <param name="jobIds">At most <see cref="FindEndedJobs.MostJobs"/>.</param>
    /// <param name="sessionIds">At most as many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RequestTimeoutException">Nobody answered.</exception>
    public async Task<EndedJobs> FindEndedAsync(IReadOnlyList<Guid> jobIds, IReadOnlyList<Guid> sessionIds, CancellationToken cancellationToken)
    {
        var client = _clients.CreateRequestClient<FindEndedJobs>(EndpointNames.Address(EndpointNames.Heartbeat));
        var answer = await WithinAsync(token => client.GetResponse<EndedJobs>(new FindEndedJobs { JobIds = jobIds, SessionIds = sessionIds }, token), cancellationToken);
        return answer.Message;
    }

    /// <summary>Asks for a piece of the conversation that a run is to go on with, until it is answered.</summary>
    /// <returns>Null when the run does not hold its attempt any more, or nothing is stored.</returns>
    public Task<TranscriptPart?> FetchTranscriptAsync(FetchTranscript question, CancellationToken cancellationToken)
    {
        var client = _clients.CreateRequestClient<FetchTranscript>(EndpointNames.Address(EndpointNames.Transcript));
        return UntilAnsweredAsync<FetchTranscript, TranscriptPart?>(
            async token => (await client.GetResponse<TranscriptPart, RunDenied>(question, token)).Is(out Response<TranscriptPart>? part) ? part.Message : null,
            new RunKey(question.JobId, question.Attempt),
            cancellationToken);
    }

    /// <summary>Waits between two tries: 0.1 s, 0.2 s, 0.4 s … at most 5 s.</summary>
    public Task PauseAsync(int tries, CancellationToken cancellationToken)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(tries, 10));
        return Task.Delay(pause < LongestPause ? pause : LongestPause, clock, cancellationToken);
    }

    private Task<TAnswer> AskAsync<TMessage, TAnswer>(string name, TMessage message, RunKey key, bool expires, CancellationToken cancellationToken)
        where TMessage : class
        where TAnswer : class
    {
        var client = _clients.CreateRequestClient<TMessage>(EndpointNames.Address(name));

        // What must not be lost does not expire in a queue either: the broker would set it aside as an error.
        return UntilAnsweredAsync<TMessage, TAnswer>(
            async token => (await client.GetResponse<TAnswer>(message, context => context.UseExecute(send => send.TimeToLive = expires ? send.TimeToLive : null), token)).Message,
            key,
            cancellationToken);
    }

    private async Task<TAnswer> UntilAnsweredAsync<TMessage, TAnswer>(Func<CancellationToken, Task<TAnswer>> ask, RunKey key, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await WithinAsync(ask, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever the fault is, the bytes are in the spool and this run's: asking again is the only right thing.
                MessageNotAnswered(key.JobId, key.Attempt, typeof(TMessage).Name, tries + 1, e.GetType().Name);
                await PauseAsync(tries, cancellationToken);
            }
        }
    }

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeoutsOnTheWay * options.Value.AnswerTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await ask(either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Without the cancellation inside, which the bus takes for the end of the process: it would not try again.
            throw new RequestTimeoutException("none: the broker did not say that it took the question");
        }
    }

    [LoggerMessage(EventId = 3030, Level = LogLevel.Information, Message = "{JobId}: claim of attempt {Attempt} was denied: {Reason}")]
    private partial void ClaimDenied(Guid jobId, int attempt, string reason);

    [LoggerMessage(EventId = 3031, Level = LogLevel.Warning, Message = "{JobId}: {MessageName} was not sent: {Fault}")]
    private partial void MessageNotSent(Guid jobId, string messageName, string fault);

    [LoggerMessage(EventId = 3032, Level = LogLevel.Warning, Message = "{JobId}: {MessageName} of attempt {Attempt} was not answered, try {Try}: {Fault}")]
    private partial void MessageNotAnswered(Guid jobId, int attempt, string messageName, int @try, string fault);
}
