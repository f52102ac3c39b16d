using System.Threading.Channels;
using Gateway.Jobs;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Jobs;

public sealed class PeriodicServiceSpecs
{
    private readonly TellingClock clock = new();

    [Fact]
    public async Task A_round_that_fails_is_logged_and_the_next_one_comes_at_its_time()
    {
        using var service = new Rounds(clock, number => number == 1 ? throw new IOException("a bad day") : Task.CompletedTask);
        await service.StartAsync(CancellationToken.None);
        Assert.False(service.Told.TryRead(out _));

        Assert.Equal(["round 1", "a bad day"], [await NextAsync(service), await ToldAsync(service)]);
        Assert.Equal("round 2", await NextAsync(service));

        await service.StopAsync(CancellationToken.None);
        Assert.True(service.ExecuteTask!.IsCompleted);
        Assert.False(service.Told.TryRead(out _));
    }

    [Fact]
    public async Task A_stop_ends_a_round_under_way_and_is_no_failure()
    {
        using var service = new Rounds(clock, (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token));
        await service.StartAsync(CancellationToken.None);
        Assert.Equal("round 1", await NextAsync(service));

        await service.StopAsync(CancellationToken.None).WaitAsync(EmbeddedJobs.Patience);

        Assert.False(service.Told.TryRead(out _));
    }

    private async Task<string> NextAsync(Rounds service)
    {
        // The timer is set on the service's own thread.
        await clock.TimerSet.WaitAsync(EmbeddedJobs.Patience);
        clock.Advance(Rounds.Length);
        return await ToldAsync(service);
    }

    private static Task<string> ToldAsync(Rounds service) => service.Told.ReadAsync().AsTask().WaitAsync(EmbeddedJobs.Patience);

    private sealed class Rounds(TimeProvider clock, Func<int, CancellationToken, Task> round) : PeriodicService(clock)
    {
        public static readonly TimeSpan Length = TimeSpan.FromSeconds(3);
        private readonly Channel<string> told = Channel.CreateUnbounded<string>();
        private int number;

        public Rounds(TimeProvider clock, Func<int, Task> round)
            : this(clock, (number, _) => round(number))
        {
        }

        public ChannelReader<string> Told => told.Reader;

        protected override TimeSpan Interval => Length;

        protected override Task RoundAsync(CancellationToken cancellationToken)
        {
            told.Writer.TryWrite($"round {++number}");
            return round(number, cancellationToken);
        }

        protected override void LogFailed(Exception problem) => told.Writer.TryWrite(problem.Message);
    }

    private sealed class TellingClock : FakeTimeProvider
    {
        private readonly TaskCompletionSource timerSet = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task TimerSet => timerSet.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            timerSet.TrySetResult();
            return timer;
        }
    }
}
