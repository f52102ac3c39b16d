using Gateway.Api.Policies;
using Gateway.Hosting.Settings;
using Gateway.Hosting.Startup;
using Gateway.Jobs.Approvals;
using Gateway.Policies;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Grants;
using Gateway.Policies.Limits;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Api;

public sealed class PolicyFileSpecs : IDisposable
{
    private const string Denies = """{"version":"1","default":"deny"}""";
    private const string Lists = """{"version":"1","default":"deny","tools":{"llm_job_list":{}}}""";
    private static readonly Credential TheKey = new Credential.ApiKey("local");
    private readonly string folder = Directory.CreateTempSubdirectory("gateway-policies-").FullName;
    private readonly FakeTimeProvider clock = new(DateTimeOffset.UnixEpoch);
    private readonly FakePolicyArchive archive = new();
    private readonly FakeAuditLog audit = new();
    private readonly PolicyOptions options = new();
    private readonly PolicySource source;
    private readonly PolicyBook book;

    public PolicyFileSpecs()
    {
        source = new PolicySource(Options.Create(options), Options.Create(new DataOptions { Folder = folder }));
        book = new PolicyBook(source, new ToolCatalog([new ToolFacts("llm_job_list", false, true, new HashSet<string>())]), clock);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Without_files_the_generated_key_may_call_every_tool_and_nobody_else_any()
    {
        var grant = book.Find(TheKey);

        Assert.Equal(("local", "default"), (grant?.Label, grant?.Tenant));
        Assert.Null(PolicyEngine.JudgeTool(grant, "llm_job_list"));
        Assert.NotNull(PolicyEngine.JudgeTool(grant, "some_other_tool"));
        Assert.Null(book.Find(new Credential.ApiKey("other", "acme")));
        Assert.Null(book.Find(new Credential.Token("https://i", "s", new Dictionary<string, IReadOnlyList<string>>())));
    }

    [Fact]
    public void A_file_is_the_policy_of_the_keys_with_its_name_and_the_built_in_one_is_gone()
    {
        Write("team.json", Lists);

        Assert.Equal(("team", "acme"), (book.Find(new Credential.ApiKey("team", "acme"))?.Label, book.Find(new Credential.ApiKey("team", "acme"))?.Tenant));
        Assert.Null(book.Find(TheKey));
    }

    [Fact]
    public void A_grants_file_says_who_is_who()
    {
        Write("p.json", Lists);
        Write("grants.json", """{"version":"1","policies":{"p":"p.json"},"grants":[{"label":"ci","tenant":"acme","policy":"p","match":{"api_key":"nightly"}}]}""");

        Assert.Equal(("ci", "acme", "p"), (book.Find(new Credential.ApiKey("nightly", "acme"))?.Label, book.Find(new Credential.ApiKey("nightly", "acme"))?.Tenant, book.Find(new Credential.ApiKey("nightly", "acme"))?.Policy?.Name));
        Assert.Null(book.Find(TheKey));
    }

    [Fact]
    public async Task Every_fault_of_every_file_stops_a_start_with_78()
    {
        Write("a.json", """{"version":"2","default":"deny"}""");
        Write("b.json", """{"version":"1","default":"deny","hidden":[]}""");

        var refused = Assert.Throws<StartRefusedException>(() => book.Load());
        Assert.Contains(refused.Faults, fault => fault.StartsWith("a.json:", StringComparison.Ordinal) && fault.Contains("/version", StringComparison.Ordinal));
        Assert.Contains(refused.Faults, fault => fault.StartsWith("b.json:", StringComparison.Ordinal) && fault.Contains("hidden", StringComparison.Ordinal));
        Assert.Equal(78, await StartFaults.ExplainAsync("gateway", () => throw refused));
    }

    [Fact]
    public void Caps_on_running_jobs_are_those_of_the_grants_policy_of_the_moment()
    {
        const string Text = """{"version":"1","default":"allow","all_tools":{"limits":[{"kind":"running","max":8,"scope":"tenant"}]},"tools":{"llm_job_list":{"limits":[{"kind":"running","max":3},{"kind":"queued","max":9}]}}}""";
        Write("team.json", Text);
        var caps = new PolicyRunningCaps(book);
        StoredGrant grant = new("team", "acme", "team");

        Assert.Equal(
            [new JobCap(JobCapKind.Running, LimitScope.Grant, 3, "llm_job_list", "/tools/llm_job_list/limits/running-grant"), new JobCap(JobCapKind.Running, LimitScope.Tenant, 8, null, "/all_tools/limits/running-tenant")],
            caps.Of(grant, "llm_job_list"));
        Assert.Equal(8, Assert.Single(caps.Of(grant, "other")).Max);
        Assert.Empty(caps.Of(grant with { Label = "gone", Value = "gone" }, "llm_job_list"));

        Write("team.json", Text.Replace("\"max\":3", "\"max\":5", StringComparison.Ordinal));
        book.Reload();
        Assert.Equal([5, 8], caps.Of(grant, "llm_job_list").Select(cap => cap.Max));
    }

    [Fact]
    public async Task A_bad_edit_leaves_what_is_in_force_and_is_told_until_it_is_mended()
    {
        var (key, check) = (new Credential.ApiKey("team", "acme"), new PolicyHealthCheck(book));
        Write("team.json", Lists);
        using var reloader = await StartAsync();
        var before = book.Find(key)?.Policy?.Hash;

        Write("team.json", "{ not json");
        await UntilAsync(() => book.Faults.Count > 0);
        Assert.Equal(before, book.Find(key)?.Policy?.Hash);
        Assert.Equal(HealthStatus.Degraded, (await check.CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken)).Status);

        Write("team.json", Denies);
        await UntilAsync(() => book.Find(key)?.Policy?.Hash != before);
        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken)).Status);
        await UntilAsync(() => archive.Kept.Count == 2);
        await reloader.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_edit_that_leaves_length_and_time_of_the_file_is_found_by_its_bytes()
    {
        Write("team.json", Lists);
        var (file, key) = (Path.Combine(folder, "policies", "team.json"), new Credential.ApiKey("team", "acme"));
        using var reloader = await StartAsync();
        var (time, before) = (File.GetLastWriteTimeUtc(file), book.Find(key)?.Policy?.Hash);

        Write("team.json", Lists.Replace("llm_job_list", "llm_job_lost", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(file, time);

        await UntilAsync(() => book.Find(key)?.Policy?.Hash != before);
        await reloader.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_is_in_force_is_recorded_at_the_start_and_when_any_file_has_changed_and_faulty_files_are_too()
    {
        Write("p.json", Lists);
        Write("grants.json", """{"version":"1","policies":{"p":"p.json"},"grants":[{"label":"ci","tenant":"acme","policy":"p","match":{"api_key":"nightly"}}]}""");
        using var reloader = await StartAsync();
        var first = Assert.Single(audit.Records);
        Assert.Equal(("policy/loaded", "done"), (first.Method, first.Decision));
        Assert.StartsWith("p sha256:", first.Subject, StringComparison.Ordinal);

        // Who is who has changed, and no policy; the store is away at first.
        audit.IsAway = true;
        Write("grants.json", """{"version":"1","policies":{"p":"p.json"},"grants":[{"label":"ci","tenant":"globex","policy":"p","match":{"api_key":"nightly"}}]}""");
        await UntilAsync(() => book.Find(new Credential.ApiKey("nightly", "globex")) is not null);
        audit.IsAway = false;
        await UntilAsync(() => audit.Records.Count == 2);
        Assert.NotEqual(first.Reason, audit.Records[1].Reason);

        Write("grants.json", "{cAnArY");
        await UntilAsync(() => audit.Records.Count == 3);
        Assert.Equal(("policy/refused", "denied"), (audit.Records[2].Method, audit.Records[2].Decision));
        Assert.DoesNotContain(audit.Records, record => Gateway.Jobs.Audit.AuditText.Of(record).Contains("cAnArY", StringComparison.Ordinal));
        await reloader.StopAsync(TestContext.Current.CancellationToken);
    }

    private async Task<PolicyReloader> StartAsync()
    {
        var reloader = new PolicyReloader(book, source, archive, audit, Options.Create(options), clock, NullLogger<PolicyReloader>.Instance);
        await reloader.StartAsync(TestContext.Current.CancellationToken);
        return reloader;
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.Combine(folder, "policies"));
        File.WriteAllText(Path.Combine(folder, "policies", name), text);
    }

    // The reloader's rounds are its own; each advance of the clock lets one of them be due.
    private async Task UntilAsync(Func<bool> so)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!so())
        {
            Assert.False(limit.IsCancellationRequested, "never seen");
            clock.Advance(options.LookInterval);
            await Task.Yield();
        }
    }
}
