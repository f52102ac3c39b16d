using Gateway.Contracts.Commands;
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
}
