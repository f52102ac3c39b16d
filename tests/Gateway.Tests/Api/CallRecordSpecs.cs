using System.Net;
using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Jobs;
using Gateway.Jobs.Audit;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>What the record of a call says, and what it must not.</summary>
public sealed class CallRecordSpecs : IDisposable
{
    private const string Canary = "cAnArY-7\r\nLine";
    private readonly Bench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task A_call_is_recorded_with_names_and_a_keyed_hash_of_its_arguments_and_no_value()
    {
        await bench.CallAsync("claude_request_async", JsonSerializer.Serialize(new { prompt = Canary, correlationId = "cAnArY-8" }));
        var record = Assert.Single(bench.Jobs.Terms).Record!;
        Assert.Equal(["correlationId", "prompt"], record.ArgumentNames);
        Assert.Equal(TestAuditKeys.Of("k1").OfArguments(JsonSerializer.SerializeToElement(new { prompt = Canary, correlationId = "cAnArY-8" })), record.ArgumentsHash);
        Assert.DoesNotContain("cAnArY", AuditText.Of(record), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_no_schema_knows_is_not_repeated_and_the_refused_call_has_its_hash_too()
    {
        await bench.CallAsync("llm_job_cancel", JsonSerializer.Serialize(new Dictionary<string, string> { [Canary] = Canary, ["jobId"] = Canary }));
        var record = Assert.Single(bench.Jobs.Records);
        Assert.Equal(["(unknown)", "jobId"], record.ArgumentNames);
        Assert.Equal(("denied", "invalid_input", null), (record.Decision, record.Kind, record.JobId));
        Assert.StartsWith("k1:", record.ArgumentsHash, StringComparison.Ordinal);
        Assert.DoesNotContain("cAnArY", AuditText.Of(record), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancel_is_recorded_with_its_job_and_without_its_reason()
    {
        var id = bench.Jobs.Add(Bench.Me, "queued");
        await bench.CallAsync("llm_job_cancel", JsonSerializer.Serialize(new { jobId = JobIdText.Format(id), reason = Canary }));
        var record = Assert.Single(bench.Jobs.Terms).Record!;
        Assert.Equal((id, "allowed"), (record.JobId, record.Decision));
        Assert.DoesNotContain("cAnArY", AuditText.Of(record), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    public async Task A_record_says_where_the_call_came_from(string from, string told)
    {
        await bench.CallAsync("claude_request_async", """{"prompt":"x"}""", Bench.MyIdentity().From(IPAddress.Parse(from)));
        Assert.Equal(told, Assert.Single(bench.Jobs.Terms).Record!.Address);
    }

    [Fact]
    public async Task A_call_over_the_network_is_recorded_with_its_address_and_a_trace()
    {
        await using var host = await EdgeHost.StartAsync();
        await host.SendAsync(host.Post("""{"jsonrpc":"2.0","id":"r-1","method":"tools/call","params":{"name":"llm_job_cancel","arguments":{"jobId":"x"}}}"""));
        var record = Assert.Single(host.Jobs.Terms).Record!;
        Assert.Equal(("127.0.0.1", "r-1"), (record.Address, record.RequestId));
        Assert.Matches("^[0-9a-f]{32}$", record.TraceId);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Allowed_reads_are_recorded_only_where_the_operator_wants_it(bool reads)
    {
        bench.Jobs.AuditOptions.Reads = reads;
        await bench.CallAsync("llm_job_list", "{}");
        var terms = Assert.Single(bench.Jobs.Terms);
        Assert.Equal(("allowed", "llm_job_list", reads), (terms.Record!.Decision, terms.Record.Tool, terms.RecordsAllowed));
    }

    [Theory]
    [InlineData("llm_job_status")]
    [InlineData("llm_job_result")]
    [InlineData("llm_job_cancel")]
    [InlineData("llm_job_retry")]
    public async Task A_foreign_job_is_recorded_as_an_unknown_one_is(string tool)
    {
        var foreign = bench.Jobs.Add(new Caller("globex", "carol"), "completed");
        foreach (var id in new[] { foreign, Guid.NewGuid() })
        {
            await bench.CallAsync(tool, JsonSerializer.Serialize(new { jobId = JobIdText.Format(id) }));
            var record = bench.Jobs.Records[^1];
            Assert.Equal(("denied", "not_found", id, "default"), (record.Decision, record.Kind, record.JobId, record.Tenant));
        }

        Assert.Equal(2, bench.Jobs.Records.Count);
    }

    [Fact]
    public async Task What_an_operator_does_in_an_owners_name_is_recorded_as_the_operators()
    {
        var id = bench.Jobs.Add(Bench.Me, "completed");
        await bench.CallAsync("llm_job_retry", JsonSerializer.Serialize(new { jobId = JobIdText.Format(id) }), Bench.MyIdentity() with { Operator = "operator:7" });
        var record = Assert.Single(bench.Jobs.Terms, terms => terms.Record is { Tool: "claude_request_async" }).Record!;
        Assert.Equal(("operator:7", "default", "local"), (record.Caller, record.Tenant, record.Grant));
    }

    [Fact]
    public async Task Acts_of_operators_on_keys_are_recorded_without_the_key()
    {
        await using var host = await EdgeHost.StartAsync();
        var desk = host.Services.GetRequiredService<KeyDesk>();
        var (key, text) = await desk.CreateAsync("ci", "acme", [Scopes.JobsRead], null, "operator:7", TestContext.Current.CancellationToken);
        var made = await desk.RotateAsync(key.KeyId, TimeSpan.Zero, "operator:7", TestContext.Current.CancellationToken);
        await desk.RevokeAsync(key.KeyId, "operator:7", TestContext.Current.CancellationToken);
        Assert.Equal(["key/created", "key/rotated", "key/revoked"], host.Keys.Records.Select(record => record.Method));
        Assert.All(host.Keys.Records, record => Assert.Equal(("operator:7", "acme", "done"), (record.Caller, record.Tenant, record.Decision)));
        Assert.All(host.Keys.Records, record => Assert.DoesNotContain(text[..10], AuditText.Of(record), StringComparison.Ordinal));
        Assert.StartsWith($"{made!.Value.Key.KeyId:N} ci ", host.Keys.Records[1].Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void Line_ends_and_marks_that_turn_text_are_neutral_in_a_record()
    {
        var text = AuditText.Of(new AuditRecord { At = DateTimeOffset.UnixEpoch, Method = "x", Decision = "done", Subject = "a\r\nb\u001b]52;c\u202e\u2028", RequestId = "\0" });
        Assert.All(text, c => Assert.InRange(c, ' ', '~'));
        Assert.Equal("a\r\nb\u001b]52;c\u202e\u2028", JsonElement.Parse(text).GetProperty("subject").GetString());
    }
}
