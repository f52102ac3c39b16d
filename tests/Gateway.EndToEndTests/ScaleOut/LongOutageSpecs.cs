using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Gateway.EndToEndTests.Behaviours;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>
/// Ninety seconds without a broker, and ninety without a database, with the timers that ship. Two houses at once, since nobody should wait
/// for both in turn: the first loses its broker, the second its database.
/// </summary>
[Collection("scale-out-outages")]
public sealed class LongOutageSpecs : ScaleOutHouse
{
    private const decimal CostOfARunUsd = 0.01m;
    private const int StdoutStream = 0;
    private const int TranscriptStream = 3;
    private const int SlotsOfAWorker = 4;
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http = new();

    // Not below the test's folder: servers are started before that is asked for, and end after it is removed.
    private readonly DirectoryInfo _brokerFolder = Directory.CreateTempSubdirectory("gwmq");
    private readonly DirectoryInfo _databaseFolder = Directory.CreateTempSubdirectory("gwpg");

    [Fact]
    [Trait("tier", "slow")]
    [Behaviour(37)]
    public async Task Ninety_seconds_without_a_broker_or_without_a_database_cost_no_run()
    {
        using var otherBroker = await Broker.StartAsync();
        var database = await ScaleOutDatabase.CreateAsync(_databaseFolder.FullName);
        await otherBroker.CreateVhostAsync(Vhost);
        try
        {
            var brokerless = await MoveInAsync("broker", Broker, [], Store);
            var storeless = await MoveInAsync("store", otherBroker, [.. TransportOf(otherBroker), .. database.Settings], database.Store);

            await Task.WhenAll(ToldAsync(brokerless, LoseBrokerAsync(brokerless)), ToldAsync(storeless, LoseDatabaseAsync(storeless, database)));
        }
        finally
        {
            await otherBroker.DeleteVhostAsync(Vhost);
        }
    }

    [Fact]
    public async Task What_ends_while_the_database_is_away_is_told_again_and_leaves_nothing_among_the_errors()
    {
        var database = await ScaleOutDatabase.CreateAsync(_databaseFolder.FullName);
        var api = await StartApiAsync([.. database.Settings]);
        var worker = await StartWorkerAsync("w1");
        var job = await api.Client.SubmitAsync($"[[fake: log {Log}; print before; wait {At("gate")}; die KILL]]", ("maxAttempts", 1));
        await Wait.UntilAsync(() => ((int[])[StdoutStream, TranscriptStream]).All(stream => database.Store.Stream(PublicId.Read(job.Id), 1, stream).Length > 0), "all that it says is stored");
        await database.StopServerAsync();

        await File.WriteAllTextAsync(At("gate"), "", Token);
        await Wait.UntilAsync(() => worker.Log.Contains("RunFailed of attempt 1 was not answered, try 2", StringComparison.Ordinal), "its end was told twice");
        await database.RestartServerAsync();

        Assert.Equal("failed", (await api.Client.EndAsync(job.Id)).Status);
        await NothingIsSetAsideAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _http.Dispose();
        try
        {
            await base.DisposeAsync();
        }
        finally
        {
            await Broker.ServicesAsync("stop", "--postgres", _databaseFolder.FullName);
            _databaseFolder.Delete(recursive: true);
        }
    }

    private protected override Task<Broker> StartBrokerAsync() => Broker.StartAsync(_brokerFolder.FullName);

    private protected override async Task EndBrokerAsync(Broker broker)
    {
        await broker.StopAsync();
        _brokerFolder.Delete(recursive: true);
    }

    // Of two that failed only one would be shown.
    private static async Task ToldAsync(House house, Task outage)
    {
        try
        {
            await outage;
        }
        catch (Exception fault)
        {
            Tell($"{house.Name}: {fault}");
            throw;
        }
    }

    private async Task LoseBrokerAsync(House house)
    {
        await house.Broker.KillAsync();
        await NotReadyAsync(house.Api, "broker");
        await NotReadyAsync(house.Worker, "broker");
        var meanwhile = await house.Client.SubmitAsync($"[[fake: log {house.Log}; answer taken in without a broker]]");
        house.Jobs.Add(meanwhile);
        Assert.Equal("queued", meanwhile.Status);

        await HoldAsync(house, async () =>
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskAsync(house.Worker, "ready")).Status);
            Assert.Equal("queued", (await house.Client.StatusAsync(meanwhile.Id)).Status);
        });
        await house.Broker.RestartAsync();
        var back = TimeProvider.System.GetTimestamp();

        await ReadyAsync(house.Worker);
        await EndsWellAsync(house, back);
    }

    private async Task LoseDatabaseAsync(House house, ScaleOutDatabase database)
    {
        await database.StopServerAsync();
        await NotReadyAsync(house.Api, "store");
        Assert.Equal("policy_unavailable", await RefusalAsync(house, "claude_request_async", new { prompt = "hello", idempotencyKey = "once" }));

        await HoldAsync(house, async () =>
        {
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(house.Worker, "ready")).Status);
            Assert.Equal("policy_unavailable", await RefusalAsync(house, "llm_job_status", new { jobId = house.Jobs[0].Id }));
        });
        await database.RestartServerAsync();
        var back = TimeProvider.System.GetTimestamp();

        await ReadyAsync(house.Api);
        Assert.Equal((house.Jobs.Count, house.Jobs.Count, 0), (house.Store.Count("Jobs"), house.Store.Count("Requests"), house.Store.Count("IdempotencyKeys")));
        house.Jobs.Add(await house.Client.SubmitAsync($"[[fake: log {house.Log}; answer the refused one took no key]]", ("idempotencyKey", "once")));
        await EndsWellAsync(house, back);
    }

    /// <summary>An API, a worker of few slots, and runs that end before, in and after the outage; and one that waits for a slot.</summary>
    private async Task<House> MoveInAsync(string name, Broker broker, (string Name, string Value)[] settings, JobStore store)
    {
        var health = new Uri($"http://127.0.0.1:{FreePort()}");
        var api = await StartApiAsync(settings);
        await StartWorkerAsync($"w-{name}", [.. settings, ("Health:Url", health.ToString().TrimEnd('/')), ("Worker:Slots", SlotsOfAWorker.ToString(CultureInfo.InvariantCulture))]);
        var log = At($"log-{name}");
        var house = new House(name, broker, new Uri(api.Url, "/"), health, api.Client, store, log, At($"copy-{name}"), At($"end-{name}"), At($"late-{name}"));
        string[] prompts =
        [
            $"[[fake: log {log}; copy {house.Copy}; tick 500 {(int)((Outage * 2.3).TotalSeconds)}; print-bytes 100000; answer all through]]",
            $"[[fake: log {log}; print before; wait {house.EndGate}; print-bytes 300000; answer within]]",
            $"[[fake: log {log}; print before; wait {house.LateGate}; print-bytes 300000; answer afterwards]]",
        ];
        foreach (var prompt in prompts)
        {
            house.Jobs.Add(await api.Client.SubmitAsync(prompt));
        }

        // Says nothing more before its end, so that this is all there is to tell while the server is away.
        house.Dying = await api.Client.SubmitAsync($"[[fake: log {log}; print before; wait {house.EndGate}; die KILL]]", ("maxAttempts", 1));
        house.Jobs.Add(house.Dying);
        await Wait.LinesAsync(log, SlotsOfAWorker);
        house.Jobs.Add(await api.Client.SubmitAsync($"[[fake: log {log}; answer waited for a slot]]"));
        await Wait.UntilAsync(() => store.Count("Outbox") == 0, "its command is with the broker");
        return house;
    }

    /// <summary>The outage's length, during which one run ends; what holds is asked again and again.</summary>
    private async Task HoldAsync(House house, Func<Task> holds)
    {
        var begun = TimeProvider.System.GetTimestamp();
        using var looks = new PeriodicTimer(BetweenLooks, TimeProvider.System);
        for (var ended = false; TimeProvider.System.GetElapsedTime(begun) < Outage; await looks.WaitForNextTickAsync(Token))
        {
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(house.Api, "live")).Status);
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(house.Worker, "live")).Status);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskAsync(house.Api, "ready")).Status);
            await holds();
            if (!ended && TimeProvider.System.GetElapsedTime(begun) > Outage / 3)
            {
                await File.WriteAllTextAsync(house.EndGate, "", Token);
                ended = true;
            }
        }
    }

    private async Task EndsWellAsync(House house, long back)
    {
        await ReadyAsync(house.Api);
        Tell($"{house.Name}: ready {TimeProvider.System.GetElapsedTime(back).TotalSeconds:0.0} s after its server was back");
        await File.WriteAllTextAsync(house.LateGate, "", Token);
        foreach (var job in house.Jobs)
        {
            var end = await house.Client.EndAsync(job.Id);
            Assert.Equal((job == house.Dying ? "failed" : "completed", 1, 1), (end.Status, end.Attempt, house.Store.Job(PublicId.Read(job.Id)).CountedAttempts));
        }

        Tell($"{house.Name}: all final {TimeProvider.System.GetElapsedTime(back).TotalSeconds:0.0} s after its server was back");
        var runs = AgentLog.Read(house.Log);
        Assert.Equal(house.Jobs.Count, runs.Count);
        await new Checker(house.Store, [.. house.Jobs.Select(j => PublicId.Read(j.Id))]).CheckAsync(runs, CostOfARunUsd);

        // All that it printed while its server was away lies together, with no gap and no repeat.
        Assert.True((await house.Client.StdoutPagesAsync(house.Jobs[0].Id, 200_000)).Text.Contains(await File.ReadAllTextAsync(house.Copy, Token), StringComparison.Ordinal), "its output is not whole");
        await NothingIsSetAsideAsync(house.Broker);
    }

    private async Task ReadyAsync(Uri host) => await Wait.UntilAsync(async () => (await AskAsync(host, "ready")).Status == HttpStatusCode.OK, $"{host} is ready again");

    private async Task NotReadyAsync(Uri host, string check)
    {
        (HttpStatusCode Status, JsonElement Body) answer = default;
        await Wait.UntilAsync(async () => (answer = await AskAsync(host, "ready")).Status == HttpStatusCode.ServiceUnavailable, $"{host} is not ready", Noticed);
        var failed = answer.Body.GetProperty("checks").EnumerateArray().Where(c => c.GetProperty("status").GetString() == "failed").Select(c => c.GetProperty("name").GetString()!).ToList();
        Assert.NotEmpty(failed);
        Assert.All(failed, name => Assert.StartsWith(check, name, StringComparison.Ordinal));
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(Uri host, string question)
    {
        using var response = await _http.GetAsync(new Uri(host, $"/health/{question}"), Token);
        return (response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)));
    }

    private static async Task<string> RefusalAsync(House house, string tool, object arguments)
    {
        var error = (await house.Client.CallAsync(tool, arguments)).Error;
        Assert.True(error.GetProperty("retryable").GetBoolean());
        Assert.True(error.GetProperty("retryAfterSeconds").GetInt32() >= 1);
        return error.GetProperty("kind").GetString()!;
    }

    private (string Name, string Value)[] TransportOf(Broker broker) => [.. Transport(), ("Transport:RabbitMq:Host", broker.Amqp.Host), ("Transport:RabbitMq:Port", $"{broker.Amqp.Port}")];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed record House(string Name, Broker Broker, Uri Api, Uri Worker, McpCaller Client, JobStore Store, string Log, string Copy, string EndGate, string LateGate)
    {
        public List<JobRecord> Jobs { get; } = [];

        /// <summary>The one that fails.</summary>
        public JobRecord? Dying { get; set; }
    }
}
