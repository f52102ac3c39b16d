using Gateway.Processes.Runner;
using MassTransit;

namespace Gateway.Execution.Runs;

/// <summary>
/// Policy of the endpoint that takes runs. No outbox filter: the claim is asked for and answered while the command is
/// consumed, and dedupes it.
/// </summary>
internal sealed class RunClaudeConsumerDefinition : ConsumerDefinition<RunClaudeConsumer>
{
    /// <inheritdoc/>
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<RunClaudeConsumer> consumerConfigurator,
        IRegistrationContext context) => endpointConfigurator.UseMessageRetry(retry =>
        {
            retry.Handle<RequestException>();
            retry.Handle<RunnerException>();
            retry.Interval(RunClaudeConsumer.Repetitions, RunClaudeConsumer.BetweenTries);
        });
}
