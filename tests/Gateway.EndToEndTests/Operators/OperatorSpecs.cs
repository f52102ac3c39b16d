using System.Net;
using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Operators;

/// <summary>An operator at a terminal, with the <c>gateway</c> tool and a real gateway.</summary>
public sealed class OperatorSpecs : GatewayHouse
{
    [Fact]
    public async Task Jobs_of_a_running_gateway_are_listed_followed_stopped_and_repeated()
    {
        var gateway = await StartAsync();
        var ended = await gateway.Client.RunAsync("[[fake: answer the answer]]");
        var hanging = await gateway.Client.SubmitAsync("[[fake: hang]]");
        await Wait.UntilAsync(async () => (await gateway.Client.StatusAsync(hanging.Id)).Status == "running", "the job runs");

        var list = await AskAsync(gateway, "jobs", "list", "--json");
        var running = await AskAsync(gateway, "jobs", "list", "--status", "running");
        var tail = await AskAsync(gateway, "jobs", "tail", ended.Id);
        var answer = await AskAsync(gateway, "jobs", "tail", ended.Id, "--stream", "answer");
        var cancel = await AskAsync(gateway, "jobs", "cancel", hanging.Id, "--json");
        var canceled = await gateway.Client.EndAsync(hanging.Id);
        var tailOfCanceled = await AskAsync(gateway, "jobs", "tail", hanging.Id);
        var retry = await AskAsync(gateway, "jobs", "retry", ended.Id, "--json");
        var again = await AskAsync(gateway, "jobs", "cancel", ended.Id);
        var unknown = await AskAsync(gateway, "jobs", "show", "job_aaaaaaaaaaaaaaaaaaaaaaaaaa");

        Assert.Equal([hanging.Id, ended.Id], JsonElement.Parse(list.Output).GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("id").GetString()));
        Assert.Contains("/", JsonElement.Parse(list.Output).GetProperty("jobs")[0].GetProperty("owner").GetString(), StringComparison.Ordinal);
        Assert.Contains(hanging.Id, running.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(ended.Id, running.Output, StringComparison.Ordinal);
        Assert.Equal(0, tail.ExitCode);
        Assert.Contains("The job is completed.", tail.Output, StringComparison.Ordinal);
        Assert.Equal((0, "the answer"), answer);
        Assert.Contains(JsonElement.Parse(cancel.Output).GetProperty("status").GetString(), (string[])["canceling", "canceled"]);
        Assert.Equal("canceled", canceled.Status);
        Assert.Equal(1, tailOfCanceled.ExitCode);
        var repeated = JsonElement.Parse(retry.Output);
        Assert.Equal(ended.Id, repeated.GetProperty("retryOf").GetString());
        Assert.Equal("completed", (await gateway.Client.EndAsync(repeated.GetProperty("id").GetString()!)).Status);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("is completed already", again.Output, StringComparison.Ordinal);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains($"Operator with user id", gateway.Log, StringComparison.Ordinal);
        Assert.Contains($"POST /admin/jobs/{hanging.Id}/cancel; the answer was 200", gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_door_is_the_owners_alone_and_no_page_of_the_network_and_outlives_a_kill()
    {
        var gateway = await StartAsync();
        var socket = Path.Combine(gateway.Data, "admin.sock");
        using var http = new HttpClient();

        using var fromNetwork = await http.GetAsync(new Uri(gateway.Url, "/admin/status"), Token);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
        Assert.Equal(HttpStatusCode.NotFound, fromNetwork.StatusCode);
        await gateway.KillAsync();
        Assert.Equal(3, (await AskAsync(gateway, "worker", "list")).ExitCode);
        await gateway.StartAsync();
        Assert.Equal(0, (await AskAsync(gateway, "worker", "list")).ExitCode);
    }

    [Fact]
    public async Task Doctor_tells_what_is_wrong_with_and_without_a_running_gateway()
    {
        var gateway = await StartAsync();
        await Wait.UntilAsync(async () => (await AskAsync(gateway, "worker", "list", "--json")).Output.Contains("\"lastHeartbeatAt\"", StringComparison.Ordinal), "a worker was heard of");

        var running = await DoctorAsync(gateway);
        File.SetUnixFileMode(gateway.Data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        var open = await DoctorAsync(gateway);
        File.SetUnixFileMode(gateway.Data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await gateway.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(gateway.Data, "gateway.db"), "no database at all", Token);
        var stopped = await DoctorAsync(gateway);

        Assert.Equal("ok", running.Verdicts["gateway"]);
        Assert.Equal("ok", running.Verdicts["workers"]);
        Assert.Equal("ok", running.Verdicts["store"]);
        Assert.Equal("ok", running.Verdicts["data folder"]);
        Assert.Equal((1, "fault"), (open.ExitCode, open.Verdicts["data folder"]));
        Assert.Equal((1, "note", "fault"), (stopped.ExitCode, stopped.Verdicts["gateway"], stopped.Verdicts["database"]));
        File.Delete(Path.Combine(gateway.Data, "gateway.db"));
    }

    private static Task<(int ExitCode, string Output)> AskAsync(GatewayProcess gateway, params string[] arguments) =>
        GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, [.. arguments, "--data-folder", gateway.Data]);

    private static async Task<(int ExitCode, Dictionary<string, string> Verdicts)> DoctorAsync(GatewayProcess gateway)
    {
        var (code, output) = await AskAsync(gateway, "doctor", "--json");
        return (code, JsonElement.Parse(output).GetProperty("findings").EnumerateArray().ToDictionary(f => f.GetProperty("what").GetString()!, f => f.GetProperty("verdict").GetString()!));
    }
}
