using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>The real CLIs at the usage limit of their provider: Claude Code with the login of a subscription, the others with a key.</summary>
public sealed class UsageLimitSpecs(ModelStubProcess stub) : RealCliHouse(stub)
{
    private const string GoOn = "Your work on this task was cut off";
    private static readonly string[] Clis = ["claude", "codex", "gemini"];

    [Fact]
    public async Task A_job_waits_for_the_reset_keeps_those_behind_it_back_and_goes_on_by_itself_in_its_conversation()
    {
        var gateway = await StartWithLoginAsync(("Parking:Spread", "00:00:00"));
        var first = await Task.WhenAll(Clis.Select(cli => SubmitAsync(gateway, cli, $"[[stub:usage-limit 12]] Begin, {cli}.", ("maxAttempts", 1))));
        var parked = await Task.WhenAll(first.Select(job => ParkedAsync(gateway, job)));
        var behind = await Task.WhenAll(Clis.Select(cli => SubmitAsync(gateway, cli, $"Behind {cli}.")));

        Assert.All(parked, job => Assert.InRange(Time(job, "notBefore") - TimeProvider.System.GetUtcNow(), TimeSpan.Zero, TimeSpan.FromSeconds(75)));
        Assert.Equal(Clis, (await gateway.Client.HealthAsync()).GetProperty("parked").EnumerateArray().Select(gate => gate.GetProperty("cli").GetString()).Order());
        Assert.All(behind, job => Assert.Equal(("queued", 0), (job.Status, job.Attempt)));
        var ends = await Task.WhenAll(first.Select(job => gateway.Client.EndAsync(job.Id)));
        var endsBehind = await Task.WhenAll(behind.Select(job => gateway.Client.EndAsync(job.Id)));

        foreach (var (i, cli) in Clis.Index())
        {
            Assert.True(ends[i] is { Status: "completed", Attempt: 2 }, ends[i].ToString());
            Assert.Equal(1, gateway.Store.Job(PublicId.Read(ends[i].Id)).CountedAttempts);
            Assert.True(endsBehind[i] is { Status: "completed", Attempt: 1 }, endsBehind[i].ToString());
            Assert.True(Time(ends[i], "startedAt") >= Time(parked[i], "notBefore"), ends[i].ToString());
            Assert.True(Time(endsBehind[i], "startedAt") >= Time(parked[i], "notBefore"), endsBehind[i].ToString());

            // Gemini CLI takes a prompt back that was never answered, so it is given again.
            Assert.StartsWith($"You said: {(cli == "gemini" ? "[[stub:usage-limit" : GoOn)}", await gateway.Client.AnswerAsync(ends[i].Id), StringComparison.Ordinal);
            Assert.Equal(ends[i].Json.GetProperty("sessionId").GetString(), parked[i].Json.GetProperty("sessionId").GetString());
            Assert.Contains($"Begin, {cli}.", gateway.Store.Transcript(PublicId.Read(ends[i].Id), 2), StringComparison.Ordinal);
        }

        // One request met the limit, one came after it: nobody asked in between.
        var requests = (await Stub.RequestsAsync()).Where(request => request.Model != Router).ToList();
        Assert.All(Clis, cli => Assert.Equal(cli == "gemini" ? 2 : 1, requests.Count(request => request.Prompt.EndsWith($"Begin, {cli}.", StringComparison.Ordinal))));
        Assert.Equal(["Begin, claude.", "Begin, codex."], requests.Where(request => request.Prompt.StartsWith(GoOn, StringComparison.Ordinal))
            .SelectMany(request => request.Earlier).Where(text => text.Contains("Begin, ", StringComparison.Ordinal)).Select(text => text[text.IndexOf("Begin, ", StringComparison.Ordinal)..]).Order());
    }

    [Fact]
    public async Task A_job_that_does_not_want_to_wait_fails_and_tells_when_the_limit_ends()
    {
        var gateway = await StartWithLoginAsync();

        var jobs = await Task.WhenAll(Clis.Select(cli => RunAsync(gateway, cli, "[[stub:usage-limit 600]]", ("onUsageLimit", "fail"))));

        Assert.All(jobs, job => Assert.True((job.Status, job.FailureKind, job.Attempt) == ("failed", "usage_limit", 1), job.ToString()));
        var waits = jobs.Select(job => job.Failure!.Value.GetProperty("retryAfterSeconds").GetInt32()).ToList();
        Assert.InRange(waits[0], 570, 600);

        // It tells the minute alone.
        Assert.InRange(waits[1], 510, 600);
        Assert.Equal(600, waits[2]);
        Assert.All(jobs, job => Assert.DoesNotContain(CliHome.Key, job.ToString(), StringComparison.Ordinal));
    }

    // What asks the small model is the CLI's own question which model fits.
    private const string Router = "gemini-3.5-flash-lite";

    private static DateTimeOffset Time(JobRecord job, string member) => job.Json.GetProperty(member).GetDateTimeOffset();

    private static async Task<JobRecord> ParkedAsync(GatewayProcess gateway, JobRecord job)
    {
        await Wait.UntilAsync(async () => (job = await gateway.Client.StatusAsync(job.Id)) is { Status: "parked" } or { IsFinal: true }, "it is parked");
        Assert.True(job.Status == "parked", job.ToString());
        return job;
    }

    /// <summary>Claude Code is logged in to a subscription: it tells the reset of nothing else.</summary>
    private async Task<GatewayProcess> StartWithLoginAsync(params (string Name, string Value)[] settings)
    {
        var home = Directory.CreateDirectory(At("home")).FullName;
        var expiresAt = TimeProvider.System.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds();
        Directory.CreateDirectory(Path.Combine(home, ".claude"));
        await File.WriteAllTextAsync(
            Path.Combine(home, ".claude", ".credentials.json"),
            JsonSerializer.Serialize(new { claudeAiOauth = new { accessToken = "sk-ant-oat01-test", refreshToken = "sk-ant-ort01-test", expiresAt, scopes = new[] { "user:inference", "user:profile" }, subscriptionType = "max" } }),
            Token);
        return await StartRealOnAsync($"export HOME={home}", [("Credentials:default:Kind", "login"), .. settings]);
    }
}
