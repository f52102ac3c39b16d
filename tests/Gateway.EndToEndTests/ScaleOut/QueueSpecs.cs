using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>What an operator sees in the broker, and does there: messages with labels, queues deleted, messages that nobody can read.</summary>
public sealed class QueueSpecs : ScaleOutHouse
{
    [Fact]
    public async Task Queues_stand_from_the_start_and_a_command_shows_what_it_is()
    {
        var api = await StartApiAsync();
        string[] runs = [RunQueue, "gateway-run-codex", "gateway-run-gemini"];
        await Wait.UntilAsync(async () => await Broker.QueueAsync(Vhost, $"{runs[^1]}_error") is not null, "the queues of runs are there before any worker");
        string[] lasting = ["gateway-claim", "gateway-heartbeat", "gateway-job-lifecycle", "gateway-job-lifecycle_error", "gateway-run-output", "gateway-transcript", .. runs, .. runs.Select(queue => $"{queue}_error")];
        Assert.Equal(lasting.Order(StringComparer.Ordinal), (await Broker.QueuesAsync(Vhost)).Where(q => !q.StartsWith("gateway-changes-", StringComparison.Ordinal) && !q.StartsWith("gateway-reply-", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        foreach (var queue in lasting)
        {
            var arguments = (await Broker.QueueAsync(Vhost, queue))!.Value.GetProperty("arguments");
            Assert.Equal(("quorum", queue.EndsWith("_error", StringComparison.Ordinal) ? 1_000_000 : 20), (arguments.GetProperty("x-queue-type").GetString(), arguments.GetProperty("x-delivery-limit").GetInt32()));
        }

        var job = await api.Client.SubmitAsync("hello");
        await Wait.UntilAsync(() => Store.Count("Outbox") == 0, "the command is with the broker");

        var properties = Assert.Single(await Broker.PeekAsync(Vhost, RunQueue)).GetProperty("properties");
        Assert.Equal(PublicId.Read(job.Id).ToString(), properties.GetProperty("correlation_id").GetString());
        Assert.Equal(("RunClaudeRequest", "gateway-api"), (properties.GetProperty("type").GetString(), properties.GetProperty("app_id").GetString()));
        Assert.True(Guid.TryParse(properties.GetProperty("message_id").GetString(), out _));
    }

    [Fact]
    public async Task A_command_whose_queue_was_deleted_is_noticed_stays_and_finds_its_queue_again()
    {
        var api = await StartApiAsync();
        await Wait.UntilAsync(async () => await Broker.QueueAsync(Vhost, RunQueue) is not null, "the queue of runs is there");
        await Broker.DeleteQueueAsync(Vhost, RunQueue);

        var job = await api.Client.SubmitAsync($"[[fake: log {Log}; answer done]]");
        await Wait.UntilAsync(() => api.Log.Contains("could not be sent to", StringComparison.Ordinal), "the returned command is noticed");
        Assert.Equal(1, Store.Count("Outbox"));
        await StartWorkerAsync("w1");

        Assert.Equal("completed", (await api.Client.EndAsync(job.Id)).Status);
        await Wait.UntilAsync(() => Store.Count("Outbox") == 0, "nothing is left to send");
        Assert.Equal(1, AgentLog.Starts(Log));
    }

    [Fact]
    public async Task Messages_that_nobody_can_read_are_set_aside_once_while_others_flow()
    {
        var api = await StartApiAsync();
        await StartWorkerAsync("w1");
        Assert.True(await Broker.PublishAsync(Vhost, RunQueue, "this is not JSON"));
        Assert.True(await Broker.PublishAsync(Vhost, "gateway-job-lifecycle", "{\"messageType\":[\"urn:message:Gateway.Contracts.Commands:FromTheFuture\"],\"message\":{}}"));

        Assert.Equal("completed", (await api.Client.RunAsync("hello")).Status);

        await Wait.UntilAsync(async () => await FigureAsync($"{RunQueue}_error", "messages") == 1 && await FigureAsync("gateway-job-lifecycle_skipped", "messages") == 1, "both are set aside");
        var poison = Assert.Single(await Broker.PeekAsync(Vhost, $"{RunQueue}_error"));
        Assert.Contains("MT-Fault-ExceptionType", poison.GetProperty("properties").GetProperty("headers").EnumerateObject().Select(h => h.Name));
        Assert.DoesNotContain($"{RunQueue}_skipped", await Broker.QueuesAsync(Vhost));
    }
}
