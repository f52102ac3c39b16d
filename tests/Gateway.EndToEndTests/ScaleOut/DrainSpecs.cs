using System.Net;
using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary><c>gateway worker drain</c>, and the database of scale-out as an operator sees it.</summary>
public sealed class DrainSpecs : ScaleOutHouse
{
    [Fact]
    public async Task A_drained_worker_gives_its_runs_back_uncounted_and_has_no_slots_and_is_not_ready()
    {
        var api = await StartApiAsync();
        var health = new Uri($"http://127.0.0.1:{FreePort()}");
        var worker = await StartWorkerAsync("w1", ("Worker:Slots", "2"), ("Worker:SoftStop", "00:00:01"), ("Health:Url", health.ToString()));
        var job = await api.Client.SubmitAsync($"[[fake: log {Log}; @1 hang; @2 answer second]]");
        await Wait.LinesAsync(Log, 1);
        await ReadyAsync(health, HttpStatusCode.OK);

        var (code, output) = await CliAsync("worker", "drain", "--json", "--data-folder", worker.Data);
        await ReadyAsync(health, HttpStatusCode.ServiceUnavailable);
        await Wait.UntilAsync(async () => await SlotsAsync(api) == 0, "the gateway knows that the worker has no slots");
        var (_, status) = await CliAsync("doctor", "--worker", "--data-folder", worker.Data);
        var (elsewhere, why) = await CliAsync("jobs", "list", "--data-folder", worker.Data);
        await StartWorkerAsync("w2", ("Worker:Slots", "2"));
        var end = await api.Client.EndAsync(job.Id);
        var (again, _) = await CliAsync("worker", "drain", "--stop", "--data-folder", worker.Data);
        var (gone, _) = await CliAsync("worker", "drain", "--data-folder", worker.Data);
        var (wrong, refusal) = await CliAsync("worker", "drain", "--data-folder", api.Data);

        Assert.Equal((0, 1), (code, JsonElement.Parse(output).GetProperty("stopped").GetInt32()));
        Assert.Contains("it takes nothing new", status, StringComparison.Ordinal);
        Assert.Equal(("completed", 2, "w2"), (end.Status, end.Attempt, end.Json.GetProperty("worker").GetString()));
        Assert.Equal(1, Store.Job(PublicId.Read(job.Id)).CountedAttempts);
        Assert.Equal(0, again);
        Assert.Equal(3, gone);
        Assert.Equal(2, elsewhere);
        Assert.Contains("data folder of a worker", why, StringComparison.Ordinal);
        Assert.Equal(2, wrong);
        Assert.Contains("This is a gateway, not a worker", refusal, StringComparison.Ordinal);
        await NothingIsSetAsideAsync();
    }

    [Fact]
    public async Task A_database_on_a_server_is_looked_at_and_brought_to_the_newest_schema()
    {
        string[] settings = [.. Database.Select(s => $"--{s.Name}={s.Value}")];

        var before = await CliAsync(["db", "status", "--json", "--data-folder", At("none"), "--", .. settings]);
        var migrated = await CliAsync(["db", "migrate", "--json", "--data-folder", At("none"), "--", .. settings]);
        var after = await CliAsync(["db", "status", "--json", "--data-folder", At("none"), "--", .. settings]);
        var nowhere = await CliAsync("db", "status", "--data-folder", At("none"), "--", "--Storage:Provider=PostgreSql", "--Storage:PostgreSql:ConnectionString=Host=127.0.0.1;Port=1;Database=x;Password=hush");
        var api = await StartApiAsync();

        Assert.Equal((1, 0, 0, 3), (before.ExitCode, migrated.ExitCode, after.ExitCode, nowhere.ExitCode));
        Assert.DoesNotContain("hush", nowhere.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("was brought to its newest schema", api.Log, StringComparison.Ordinal);
        var health = await api.Client.HealthAsync();
        Assert.Equal(("rabbitmq", true), (health.GetProperty("broker").GetProperty("kind").GetString(), health.GetProperty("broker").GetProperty("connected").GetBoolean()));
        Assert.Equal(30, health.GetProperty("persistence").GetProperty("retentionDays").GetInt32());
    }

    private static Task<(int ExitCode, string Output)> CliAsync(params string[] arguments) => GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, arguments);

    private static async Task<int> SlotsAsync(GatewayProcess api) =>
        JsonElement.Parse((await CliAsync("worker", "list", "--json", "--data-folder", api.Data)).Output).GetProperty("slots").GetInt32();

    private static async Task ReadyAsync(Uri health, HttpStatusCode expected)
    {
        using var http = new HttpClient { BaseAddress = health };
        using var live = await http.GetAsync(new Uri("/health/live", UriKind.Relative), Token);
        using var ready = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token);
        Assert.Equal((HttpStatusCode.OK, expected), (live.StatusCode, ready.StatusCode));
    }

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
