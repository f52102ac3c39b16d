using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>The users of <c>docker/rabbitmq</c> on a real broker: enough for the work, and no more.</summary>
public sealed class PermissionSpecs : ScaleOutHouse
{
    private const string Password = "for-this-test-alone";

    private string Suffix => $"-{Vhost}";

    private string Worker => $"gateway-worker{Suffix}";

    private string Subscriber => $"gateway-subscriber{Suffix}";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Broker.ImportAsync(Path.Combine(BuiltPrograms.Root(), "docker", "rabbitmq", "definitions.json"), Vhost, Suffix, Password);
    }

    [Fact]
    public async Task With_the_users_of_their_roles_a_gateway_and_a_worker_run_a_job_cancel_one_and_set_poison_aside()
    {
        var api = await StartApiAsync([.. Transport($"gateway-api{Suffix}", Password)]);
        await StartWorkerAsync("w1", [.. Transport(Worker, Password)]);

        Assert.Equal("completed", (await api.Client.RunAsync("hello")).Status);

        var job = await api.Client.SubmitAsync($"[[fake: log {Log}; hang]]");
        await Wait.LinesAsync(Log, 1);
        await api.Client.CancelAsync(job.Id);
        Assert.Equal("canceled", (await api.Client.EndAsync(job.Id)).Status);

        await Broker.PublishAsync(Vhost, RunQueue, "this is not JSON");
        await Wait.UntilAsync(async () => await FigureAsync($"{RunQueue}_error", "messages") == 1, "poison is set aside");
        Assert.Equal("completed", (await api.Client.RunAsync("still here")).Status);

        // As an operator of the gateway, with no right on the broker but the API's.
        var list = await DlqAsync(api, "list", "--json");
        var id = JsonElement.Parse(list.Output).GetProperty("letters")[0].GetProperty("id").GetString()!;
        Assert.Equal(0, (await DlqAsync(api, "park", id)).ExitCode);
        await Wait.UntilAsync(async () => await FigureAsync($"{RunQueue}_error", "messages") == 0 && await FigureAsync("gateway-parked", "messages") == 1, "it is parked");
        Assert.Equal(0, (await DlqAsync(api, "park", id)).ExitCode);
        var shown = JsonElement.Parse((await DlqAsync(api, "show", id, "--json")).Output);
        Assert.Equal((true, "(16 bytes that are not JSON)", RunQueue), (shown.GetProperty("parked").GetBoolean(), shown.GetProperty("body").GetString(), shown.GetProperty("destination").GetString()));
        Assert.Equal(0, (await DlqAsync(api, "redrive", id)).ExitCode);
        JsonElement back = default;
        await Wait.UntilAsync(async () => JsonElement.Parse((await DlqAsync(api, "list", "--json")).Output).GetProperty("letters") is var letters && letters.GetArrayLength() == 1 && !(back = letters[0]).GetProperty("parked").GetBoolean(), "it is set aside once more");
        Assert.Equal(1, back.GetProperty("redrives").GetInt32());
    }

    [Fact]
    public async Task A_worker_can_read_nothing_of_the_control_plane_and_of_no_other_worker()
    {
        await StartApiAsync([.. Transport($"gateway-api{Suffix}", Password)]);
        await StartWorkerAsync("w1", [.. Transport(Worker, Password)]);
        IReadOnlyList<string> queues = [];
        await Wait.UntilAsync(async () => (queues = await Broker.QueuesAsync(Vhost)).Any(IsReply), "the worker has asked something");

        foreach (var queue in (string[])["gateway-job-lifecycle", "gateway-job-lifecycle_error", "gateway-claim", "gateway-run-output", "gateway-transcript", "gateway-heartbeat", .. queues.Where(q => q.StartsWith("gateway-reply-api-", StringComparison.Ordinal) || q.StartsWith("gateway-changes-", StringComparison.Ordinal))])
        {
            Assert.Equal(403, await ReadAsync(Worker, queue));
        }

        // Its user may; but the queue belongs to the other worker's connection.
        Assert.Equal(405, await ReadAsync(Worker, queues.First(IsReply)));
        Assert.Equal(0, await ReadAsync(Worker, RunQueue));
        Assert.Equal(403, await ReadAsync(Subscriber, RunQueue));
        Assert.Equal(403, await BindAsync(Worker, RunQueue, "Gateway.Contracts.Events:JobChanged"));
    }

    [Fact]
    public async Task Nobody_can_log_in_before_a_password_was_given()
    {
        var fresh = $"-{Guid.NewGuid():n}";
        await Broker.ImportAsync(Path.Combine(BuiltPrograms.Root(), "docker", "rabbitmq", "definitions.json"), Vhost, fresh, password: null);

        foreach (var password in (string[])["", "gateway-worker", Password])
        {
            await Assert.ThrowsAsync<BrokerUnreachableException>(() => Broker.ConnectAsync(Vhost, $"gateway-worker{fresh}", password));
        }

        await DeleteUsersAsync(fresh);
    }

    private protected override async Task EndBrokerAsync(Broker broker)
    {
        await DeleteUsersAsync(Suffix);
        await base.EndBrokerAsync(broker);
    }

    private static bool IsReply(string queue) => queue.StartsWith("gateway-reply-worker-", StringComparison.Ordinal);

    private async Task DeleteUsersAsync(string suffix)
    {
        foreach (var role in (string[])["api", "worker", "subscriber"])
        {
            await Broker.DeleteUserAsync($"gateway-{role}{suffix}");
        }
    }

    /// <summary>0 when the user may, else the broker's code.</summary>
    private Task<int> ReadAsync(string user, string queue) => TryAsync(user, async channel => await channel.BasicGetAsync(queue, autoAck: false));

    private Task<int> BindAsync(string user, string queue, string exchange) => TryAsync(user, channel => channel.QueueBindAsync(queue, exchange, ""));

    private async Task<int> TryAsync(string user, Func<IChannel, Task> what)
    {
        await using var connection = await Broker.ConnectAsync(Vhost, user, Password);
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            await what(channel);
            return 0;
        }
        catch (OperationInterruptedException refused)
        {
            return refused.ShutdownReason?.ReplyCode ?? -1;
        }
    }
}
