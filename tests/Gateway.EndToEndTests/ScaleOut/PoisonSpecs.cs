using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>Messages that nobody can take, jobs that nobody can run, and commands that went astray: each ends once and visibly, and others flow.</summary>
public sealed class PoisonSpecs : ScaleOutHouse
{
    private const string LifecycleQueue = "gateway-job-lifecycle";
    private const int DeliveryLimit = 20;
    private const int LargeBytes = 9 * 1024 * 1024;

    [Fact]
    public async Task Every_kind_of_poison_is_set_aside_once_or_forgotten_while_a_newer_message_is_taken_and_others_flow()
    {
        var api = await StartApiAsync();
        var newer = await api.Client.SubmitAsync($"[[fake: log {Log}; answer newer]]");
        await AddUnknownFieldsAsync();
        byte[][] unreadable = ["this is not JSON"u8.ToArray(), [0xff, 0xfe, 0x00], [.. Enumerable.Repeat((byte)'x', LargeBytes)]];
        var unknown = """{"messageType":["urn:message:Gateway.Contracts.Commands:FromTheFuture"],"message":{}}"""u8.ToArray();
        string[] askedAgain = ["gateway-claim", "gateway-run-output", "gateway-transcript", "gateway-heartbeat"];
        foreach (var queue in (string[])[RunQueue, LifecycleQueue, .. askedAgain])
        {
            foreach (var body in (byte[][])[.. unreadable, unknown])
            {
                await Broker.PublishAsync(Vhost, queue, body);
            }
        }

        await StartWorkerAsync("w1");

        Assert.Equal("completed", (await api.Client.EndAsync(newer.Id)).Status);
        Assert.Equal("completed", (await api.Client.RunAsync($"[[fake: log {Log}; answer beside it]]")).Status);
        foreach (var queue in (string[])[RunQueue, LifecycleQueue])
        {
            await Wait.UntilAsync(async () => await FigureAsync($"{queue}_error", "messages") == unreadable.Length && await FigureAsync($"{queue}_skipped", "messages") == 1, $"all is set aside beside {queue}");
        }

        foreach (var queue in (string[])[RunQueue, LifecycleQueue, .. askedAgain])
        {
            await Wait.UntilAsync(async () => await FigureAsync(queue, "messages") == 0, $"{queue} is empty");
        }

        Assert.DoesNotContain(await Broker.QueuesAsync(Vhost), queue => askedAgain.Any(asked => queue.StartsWith($"{asked}_", StringComparison.Ordinal)));
        Assert.Equal(2, AgentLog.Starts(Log));
    }

    /// <summary>Of an agent's words in what is set aside: whole for who sends it again, and nowhere for who looks.</summary>
    [Fact]
    public async Task What_is_set_aside_stays_byte_for_byte_and_nothing_that_an_agent_wrote_is_shown_of_it()
    {
        const string canary = "canary7f3a";
        var api = await StartApiAsync();
        var job = Guid.NewGuid();
        var body = $$$"""{"messageType":["urn:message:Gateway.Contracts.Events:RunFailed"],"message":{"jobId":"{{{job}}}","attempt":"{{{canary}}}","failure":{"kind":"cli_error","message":"{{{canary}}}"},"result":{"structuredOutputJson":"{\"a\":\"{{{canary}}}\"}" } } }""";
        await Broker.PublishAsync(Vhost, LifecycleQueue, Encoding.UTF8.GetBytes(body));
        await Wait.UntilAsync(async () => await FigureAsync($"{LifecycleQueue}_error", "messages") == 1, "it is set aside");

        var message = Assert.Single(await Broker.PeekAsync(Vhost, $"{LifecycleQueue}_error"));
        Assert.Equal(body, message.GetProperty("payload").GetString());
        var list = await DlqAsync(api, "list", "--json");
        var id = JsonElement.Parse(list.Output).GetProperty("letters")[0].GetProperty("id").GetString()!;
        var show = await DlqAsync(api, "show", id, "--json");
        foreach (var shown in (string[])[message.GetProperty("properties").GetRawText(), list.Output, show.Output, (await DlqAsync(api, "show", id)).Output])
        {
            Assert.DoesNotContain(canary, shown, StringComparison.Ordinal);
        }

        var letter = JsonElement.Parse(show.Output);
        Assert.Equal(body.Length, letter.GetProperty("bytes").GetInt32());
        Assert.Contains("JsonException", letter.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains("MT-Fault-ExceptionType", letter.GetProperty("headers").EnumerateObject().Select(header => header.Name));
        var outline = JsonElement.Parse(letter.GetProperty("body").GetString()!).GetProperty("message");
        Assert.Equal((job, "cli_error", "(10 bytes)"), (outline.GetProperty("jobId").GetGuid(), outline.GetProperty("failure").GetProperty("kind").GetString(), outline.GetProperty("failure").GetProperty("message").GetString()));

        Assert.Equal(0, (await DlqAsync(api, "redrive", id)).ExitCode);
        await Wait.UntilAsync(async () => await Broker.PeekAsync(Vhost, $"{LifecycleQueue}_error") is [var again] && again.GetProperty("properties").GetProperty("headers").TryGetProperty("Gateway-Redrives", out _) && again.GetProperty("payload").GetString() == body, "it is set aside once more, as it was");
    }

    [Fact]
    public async Task What_somebody_looks_at_again_and_again_stays_where_it_is()
    {
        await StartApiAsync();
        await Broker.PublishAsync(Vhost, LifecycleQueue, "this is not JSON"u8.ToArray());
        await Wait.UntilAsync(async () => await FigureAsync($"{LifecycleQueue}_error", "messages") == 1, "it is set aside");

        for (var looks = 0; looks < DeliveryLimit + 5; looks++)
        {
            Assert.Single(await Broker.PeekAsync(Vhost, $"{LifecycleQueue}_error"));
        }
    }

    [Fact]
    public async Task Jobs_whose_agent_kills_its_runner_or_crashes_each_time_fail_after_their_attempts_and_others_run()
    {
        var api = await StartApiAsync(ShortLeases);
        await StartWorkerAsync("w1", [.. ShortLeases, ("Worker:Sandbox", "None")]);

        var killer = await api.Client.SubmitAsync($"[[fake: log {Log}; kill-parent; hang; @resume log {Log}; @resume kill-parent; @resume hang]]", ("maxAttempts", 2));
        var end = await api.Client.EndAsync(killer.Id);
        var crasher = await api.Client.RunAsync("[[fake: die SEGV; @resume die SEGV]]", ("maxAttempts", 2));
        var beside = await api.Client.RunAsync("hello");

        Assert.Equal(("failed", "worker_lost", 2), (end.Status, end.FailureKind, end.Attempt));
        Assert.Equal(("failed", "cli_error"), (crasher.Status, crasher.FailureKind));
        Assert.Equal("completed", beside.Status);
        await Wait.UntilAsync(() => ProcessTable.Of(PublicId.Read(killer.Id)).Count == 0, "nothing of it lives", TimeSpan.FromSeconds(10));
        await NothingIsSetAsideAsync();
    }

    /// <summary>One is sent again by an operator, two by the dispatcher after its minute.</summary>
    [Fact]
    [Trait("tier", "slow")]
    public async Task Commands_purged_past_the_delivery_limit_or_among_the_errors_strand_no_job_and_one_comes_back_by_a_redrive()
    {
        var api = await StartApiAsync();
        var jobs = new Dictionary<string, JobRecord>();
        foreach (var fate in (string[])["purged", "left", "redriven"])
        {
            jobs[fate] = await api.Client.SubmitAsync($"[[fake: log {Log}; answer {fate}]]");
            await Wait.UntilAsync(async () => (await Broker.PeekAsync(Vhost, RunQueue)).Count == 1, "its command is with the broker");
            if (fate == "purged")
            {
                await Broker.PurgeQueueAsync(Vhost, RunQueue);
            }
            else
            {
                await Wait.UntilAsync(async () => (await Broker.PeekAsync(Vhost, RunQueue)).Count == 0, "its command is past the delivery limit");
            }
        }

        await Wait.UntilAsync(async () => await FigureAsync($"{RunQueue}_error", "messages") == 2, "both are among the errors");
        await StartWorkerAsync("w1");

        var letter = Assert.Single(await LettersAsync(api), l => l.GetProperty("jobId").GetGuid() == PublicId.Read(jobs["redriven"].Id));
        Assert.Equal(($"{RunQueue}_error", RunQueue, "RunClaudeRequest"), (letter.GetProperty("where").GetString(), letter.GetProperty("destination").GetString(), letter.GetProperty("type").GetString()));
        var id = letter.GetProperty("id").GetString()!;
        Assert.Contains("\"attempt\"", JsonElement.Parse((await DlqAsync(api, "show", id, "--json")).Output).GetProperty("body").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await DlqAsync(api, "redrive", id)).ExitCode);

        Assert.Equal("completed", (await api.Client.EndAsync(jobs["redriven"].Id, TimeSpan.FromSeconds(30))).Status);
        Assert.Equal([PublicId.Read(jobs["redriven"].Id)], AgentLog.Read(Log).Select(r => r.JobId));
        Assert.Equal(2, (await DlqAsync(api, "redrive", id)).ExitCode);
        foreach (var job in jobs.Values)
        {
            Assert.Equal(("completed", 1), ((await api.Client.EndAsync(job.Id)).Status, (await api.Client.StatusAsync(job.Id)).Attempt));
        }

        // What comes back after its job has ended does nothing.
        var left = Assert.Single(await LettersAsync(api)).GetProperty("id").GetString()!;
        Assert.Equal(0, (await DlqAsync(api, "redrive", left)).ExitCode);
        await Wait.UntilAsync(async () => await FigureAsync(RunQueue, "messages") == 0, "it was taken and denied");
        await new Checker(Store, [.. jobs.Values.Select(j => PublicId.Read(j.Id))]).CheckAsync(AgentLog.Read(Log));
        Assert.Equal(3, AgentLog.Starts(Log));
        await NothingIsSetAsideAsync();
    }

    private async Task AddUnknownFieldsAsync()
    {
        RabbitMQ.Client.BasicGetResult? command = null;
        await Wait.UntilAsync(async () => (command = await Broker.TakeAsync(Vhost, RunQueue)) is not null, "the command is with the broker");
        var envelope = JsonNode.Parse(command!.Body.Span)!;
        envelope["fromTheFuture"] = new JsonObject { ["a"] = 1 };
        envelope["message"]!["fromTheFuture"] = new JsonArray(1, "two", new JsonObject());
        envelope["messageType"]!.AsArray().Insert(0, "urn:message:Gateway.Contracts.Commands:RunClaudeRequest2");
        await Broker.PublishAsync(Vhost, RunQueue, Encoding.UTF8.GetBytes(envelope.ToJsonString()), command.BasicProperties);
    }

    private static async Task<IReadOnlyList<JsonElement>> LettersAsync(GatewayProcess api) =>
        [.. JsonElement.Parse((await DlqAsync(api, "list", "--json")).Output).GetProperty("letters").EnumerateArray()];
}
