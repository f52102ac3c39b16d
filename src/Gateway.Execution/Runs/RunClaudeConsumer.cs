using Gateway.Contracts.Commands;
using Gateway.Processes.Runner;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Gateway.Execution.Runs;

/// <summary>Takes commands to run. The delivery is acknowledged when the runner has the run, not when the run ends.</summary>
internal sealed partial class RunClaudeConsumer(RunStarter starter, TimeProvider clock, ILogger<RunClaudeConsumer> logger) : IConsumer<RunClaudeRequest>
{
    /// <summary>How often a command is tried again when nobody answers its claim.</summary>
    public const int Repetitions = 60;

    /// <summary>Time between two tries.</summary>
    public static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(5);

    // A stopping worker closes its queue within this time; a command that is given back before comes to it again.
    private static readonly TimeSpan QueueCloses = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<RunClaudeRequest> context)
    {
        using var scope = logger.BeginScope(RunScope.Of(context.Message));
        try
        {
            await starter.StartAsync(context.Message, context.CancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException || (e is RequestException or RunnerException && context.CancellationToken.IsCancellationRequested))
        {
            await Task.Delay(QueueCloses, clock, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // Said in the one word that is nobody's fault, with the delivery's own token: under any other the bus sets the command aside as an
            // error. So the command stays, and whoever reads the queue next takes it.
            throw new OperationCanceledException("The worker stops, or its connection has ended.", e, context.CancellationToken);
        }
        catch (Exception e) when (e is RequestException or RunnerException && context.GetRetryAttempt() >= Repetitions)
        {
            // An unclaimed release is sent again by the control plane: an error queue would only start it twice.
            CommandDropped(context.Message.JobId, context.Message.Attempt, e.GetType().Name);
        }
    }

    [LoggerMessage(EventId = 3020, Level = LogLevel.Error, Message = "{JobId}: the command for attempt {Attempt} was dropped: {Fault}")]
    private partial void CommandDropped(Guid jobId, int attempt, string fault);
}
