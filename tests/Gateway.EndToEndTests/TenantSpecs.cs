using System.Net.Http.Headers;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>Two teams behind one gateway: neither sees, stops, slows or starves the other.</summary>
public sealed class TenantSpecs : GatewayHouse
{
    private const string NobodysJob = "job_aaaaaaaaaaaaaaaaaaaaaaaaaa";

    [Fact]
    public async Task The_id_of_another_tenants_job_is_answered_byte_for_byte_as_an_unknown_one()
    {
        using var both = await StartTwoAsync();
        var job = (await both.Acme.RunAsync("[[fake: answer for acme alone]]")).Id;
        var hanging = (await both.Acme.SubmitAsync("[[fake: hang]]")).Id;
        Assert.Equal("for acme alone", await both.Acme.AnswerAsync(job));

        foreach (var (tool, more) in ((string, string)[])[("llm_job_status", ""), ("llm_job_status", ""","waitMs":45000"""), ("llm_job_result", ""), ("llm_job_result", ""","rawOutput":true"""), ("llm_job_cancel", ""), ("llm_job_retry", "")])
        {
            var unknown = await AnswerAsync(both, tool, more, NobodysJob);
            Assert.StartsWith("200 ", unknown, StringComparison.Ordinal);
            Assert.Contains("not_found", unknown, StringComparison.Ordinal);
            Assert.Equal(unknown, await AnswerAsync(both, tool, more, job));
            Assert.Equal(unknown, await AnswerAsync(both, tool, more, hanging));
        }

        Assert.Equal(0, (await both.Bolt.CallAsync("llm_job_list", new { })).Good.GetProperty("jobs").GetArrayLength());
        Assert.Equal("canceled", (await EndedAsync(both.Acme, hanging)).Status);
    }

    [Fact]
    public async Task A_burst_beyond_its_limits_is_refused_to_the_last_call_and_costs_the_other_tenant_none()
    {
        const int burst = 40, polls = 60, jobs = 12, mostWaiting = 3, mostPolls = 10;
        const string Bounded = """
            { "version": "1", "default": "allow", "tools": {
                "claude_request_async": { "limits": [{ "kind": "queued", "max": 3 }] },
                "llm_process_health": { "limits": [{ "counter": "looks", "window": "day", "max": 10 }] } } }
            """;
        using var both = await StartTwoAsync(Bounded, ("Worker:Slots", "2"), ("Quotas:Default:Running", "1"));
        var gate = At("gate");
        await both.Acme.SubmitAsync($"[[fake: log {At("log")}; wait {gate}]]");
        await Wait.LinesAsync(At("log"), 1);

        var submits = Enumerable.Range(0, burst).Select(_ => both.Acme.CallAsync("claude_request_async", new { prompt = $"[[fake: wait {gate}]]" })).ToList();
        var looks = Enumerable.Range(0, polls).Select(_ => both.Acme.CallAsync("llm_process_health", new { })).ToList();
        var others = await Task.WhenAll(Enumerable.Range(0, jobs).Select(i => both.Bolt.RunAsync($"[[fake: answer {i}]]")));

        var accepted = Accepted(await Task.WhenAll(submits), "queue_full", mostWaiting);
        Assert.Equal(mostWaiting, accepted.Count);
        Assert.Equal(mostPolls, Accepted(await Task.WhenAll(looks), "rate_limited", mostPolls).Count);
        Assert.All(others, job => Assert.Equal("completed", job.Status));
        Assert.Equal(jobs, (await both.Bolt.CallAsync("llm_job_list", new { limit = 100 })).Good.GetProperty("jobs").GetArrayLength());
        Assert.Equal("rate_limited", (await both.Acme.CallAsync("llm_process_health", new { })).ErrorKind);
        Assert.False((await both.Bolt.CallAsync("llm_process_health", new { })).IsError);

        await File.WriteAllTextAsync(gate, "", Token);
        foreach (var id in accepted)
        {
            Assert.Equal("completed", (await both.Acme.EndAsync(id!)).Status);
        }
    }

    private static async Task<JobRecord> EndedAsync(McpCaller caller, string id)
    {
        await caller.CancelAsync(id);
        return await caller.EndAsync(id);
    }

    /// <summary>Ids of jobs that were accepted (null for calls that make none); every other call must tell its limit and when to come again.</summary>
    private static List<string?> Accepted(IReadOnlyList<Reply> replies, string kind, int limit)
    {
        foreach (var error in replies.Where(reply => reply.IsError).Select(reply => reply.Error))
        {
            Assert.Equal((kind, limit, 0), (error.GetProperty("kind").GetString(), error.GetProperty("limit").GetInt32(), error.GetProperty("remaining").GetInt32()));
            Assert.True(error.GetProperty("retryable").GetBoolean());
            Assert.True(kind != "rate_limited" || error.GetProperty("retryAfterSeconds").GetInt32() >= 1);
        }

        return [.. replies.Where(reply => !reply.IsError).Select(reply => reply.Good.TryGetProperty("jobId", out var id) ? id.GetString() : null)];
    }

    private async Task<TwoTenants> StartTwoAsync(string? acme = null, params (string Name, string Value)[] settings)
    {
        var both = await TwoTenants.StartAsync(NextFolder(), WithCli(BuiltPrograms.FakeAgent, [("Worker:Sandbox", "Process"), .. settings]), acme);
        Guard(both.Gateway);
        return both;
    }

    /// <summary>Status, headers and body of bolt's call, with the id taken out.</summary>
    private static async Task<string> AnswerAsync(TwoTenants both, string tool, string more, string id)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, both.Gateway.Url)
        {
            Content = new StringContent($$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{{tool}}}}","arguments":{"jobId":"{{{{id}}}}"{{{{more}}}}}}}""", new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2025-06-18");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", both.BoltKey);
        using var response = await http.SendAsync(request, Token);
        var headers = response.Headers.Concat(response.Content.Headers).Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order(StringComparer.Ordinal);
        return $"{(int)response.StatusCode} {string.Join(" | ", headers)} {(await response.Content.ReadAsStringAsync(Token)).Replace(id, "ID", StringComparison.Ordinal)}";
    }
}
