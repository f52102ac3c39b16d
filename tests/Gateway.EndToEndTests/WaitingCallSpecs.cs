using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Gateway.EndToEndTests.Behaviours;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>Calls that wait for their answer.</summary>
public sealed class WaitingCallSpecs(SharedHouse house) : GatewayHouse, IClassFixture<SharedHouse>
{
    private protected override IEnumerable<ProgramProcess> Shared => [house.Gateway];

    [Fact]
    public async Task An_answer_in_time_comes_with_the_call()
    {
        var gateway = house.Gateway;

        var reply = await gateway.Client.CallAsync("claude_request", new { prompt = "[[fake: cost 0.5; tokens 7 9; answer hello]]", correlationId = "mine" });

        Assert.Equal("hello", reply.Text);
        var record = reply.Good;
        Assert.Equal(("completed", "hello", "mine", 0, 0, 0.5m, 7, 9), (
            Text(record, "status"), Text(record, "response"), Text(record, "correlationId"), Number(record, "exitCode"), Number(record, "retryCount"),
            record.GetProperty("costUsd").GetDecimal(), Number(record, "inputTokens"), Number(record, "outputTokens")));
        Assert.Equal("completed", (await gateway.Client.StatusAsync(Text(record, "jobId"))).Status);
        var past = (await gateway.Client.CallAsync("llm_request_result", new { correlationId = "mine", includePrompt = true })).Good.GetProperty("request");
        Assert.Equal((Text(record, "jobId"), "hello", 5, "[[fake: cost 0.5; tokens 7 9; answer hello]]"), (Text(past, "asyncJobId"), Text(past, "response"), Number(past, "responseChars"), Text(past, "prompt")));
        Assert.Equal("not_found", (await gateway.Client.CallAsync("llm_request_result", new { correlationId = "nobodys" })).ErrorKind);
    }

    [Fact]
    [Behaviour(31)]
    public async Task A_longer_job_is_deferred_and_completes_under_the_same_id()
    {
        var gateway = house.Gateway;

        var deferred = (await gateway.Client.CallAsync("claude_request", new { prompt = $"[[fake: wait {At("gate")}; answer late]]", waitMs = 300 })).Good;

        Assert.Equal(("deferred", "llm_job_status", "llm_job_result", "llm_job_cancel"), (Text(deferred, "status"), Text(deferred, "pollWith"), Text(deferred, "collectWith"), Text(deferred, "cancelWith")));
        await File.WriteAllTextAsync(At("gate"), "", Token);
        var job = await gateway.Client.EndAsync(Text(deferred, "jobId"));
        Assert.Equal(("completed", "late"), (job.Status, await gateway.Client.AnswerAsync(job.Id)));
    }

    [Fact]
    public async Task A_failed_run_is_the_error_of_the_call()
    {
        var gateway = house.Gateway;

        var reply = await gateway.Client.CallAsync("claude_request", new { prompt = "[[fake: say so far; stderr broken; exit 3]]" });

        Assert.Equal("cli_error", reply.ErrorKind);
        Assert.Equal((3, "so far"), (Number(reply.Record, "exitCode"), Text(reply.Record, "response")));
        Assert.Contains("broken", Text(reply.Record, "stderr"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_goes_away_loses_nothing()
    {
        var gateway = house.Gateway;
        using var client = new HttpClient();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url)
        {
            Content = JsonContent.Create(new
            {
                jsonrpc = "2.0",
                id = 1,
                method = "tools/call",
                @params = new
                {
                    name = "claude_request",
                    arguments = new { prompt = $"[[fake: log {At("log")}; wait {At("gate")}; answer kept]]", correlationId = "gone", waitMs = 60_000 },
                },
            }),
        };
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Key);
        var call = client.SendAsync(request, leaving.Token);
        await Wait.LinesAsync(At("log"), 1);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await File.WriteAllTextAsync(At("gate"), "", Token);

        var id = Text((await gateway.Client.CallAsync("llm_request_result", new { correlationId = "gone" })).Good.GetProperty("request"), "asyncJobId");
        Assert.Equal("completed", (await gateway.Client.EndAsync(id)).Status);
        Assert.Equal("kept", await gateway.Client.AnswerAsync(id));
    }

    private static string Text(JsonElement record, string name) => record.GetProperty(name).GetString()!;

    private static int Number(JsonElement record, string name) => record.GetProperty(name).GetInt32();
}
