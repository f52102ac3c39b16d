using Gateway.Contracts.Commands;
using Gateway.Contracts.Values;
using Gateway.Processes.Runner;
using Gateway.Tests.Execution.Doubles;
using Xunit;

namespace Gateway.Tests.Execution.Runs;

/// <summary>The bus takes a canceled consumer for a faulty message, and sets it aside, unless it is told so with the delivery's own token.</summary>
public sealed class CommandGivenBackSpecs
{
    private readonly FakeControlPlane _plane = new();

    [Theory]
    [InlineData("delivery")]
    [InlineData("worker")]
    public async Task A_command_that_waits_for_a_slot_is_given_back_and_not_set_aside(string ends)
    {
        await using var host = await WorkerHost.StartAsync(_plane, ("Worker:Slots", "1"));
        await host.Table.Slots.TakeAsync(CancellationToken.None);
        using var delivery = new CancellationTokenSource();
        var consuming = host.Consumer().Consume(Delivery.Of(new RunClaudeRequest { JobId = Guid.NewGuid(), Attempt = 1, Provider = "claude", Pool = "default" }, delivery.Token));
        Assert.False(consuming.IsCompleted);

        await (ends == "delivery" ? delivery.CancelAsync() : host.StopAsync());

        var told = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consuming);
        Assert.Equal(delivery.Token, told.CancellationToken);
    }

    [Fact]
    public async Task A_command_whose_runner_dies_during_the_start_is_tried_again_and_not_set_aside()
    {
        _plane.Grant = _ => new RunGrant
        {
            Prompt = "do it",
            Claude = new ClaudeArguments(),
            SessionId = Guid.NewGuid(),
            CredentialName = "main",
            Timeout = TimeSpan.FromMinutes(1),
            IdleTimeout = TimeSpan.FromMinutes(1),
        };
        await using var host = await WorkerHost.StartAsync(_plane, ("Worker:AnswerTimeout", "00:00:10"));
        var starts = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Runner.BeforeStart = token =>
        {
            starts.TrySetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        };
        using var delivery = new CancellationTokenSource();
        var consuming = host.Consumer().Consume(Delivery.Of(new RunClaudeRequest { JobId = Guid.NewGuid(), Attempt = 1, Provider = "claude", Pool = "default" }, delivery.Token));
        await await Task.WhenAny(starts.Task, consuming).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(consuming.IsCompleted);

        host.Reattach();

        var told = await Assert.ThrowsAsync<RunnerException>(() => consuming);
        Assert.IsNotAssignableFrom<OperationCanceledException>(told.GetBaseException());
        await WorkerHost.UntilAsync(() => host.Table.Slots.Taken == 0, "slot free");
    }
}
