using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>Calls that wait for a person where there are several gateways: asked at one, decided at another.</summary>
public sealed class ApprovalSpecs : ScaleOutHouse
{
    private const string ByJob = """{"version":"1","default":"allow","tools":{"claude_request_async":{"approval":{"reason":"a person has to agree"}}}}""";
    private const string ByRepeat = """{"version":"1","default":"allow","tools":{"claude_request_async":{"approval":{"mode":"repeat"}}}}""";
    private readonly List<McpCaller> _callers = [];

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _callers.ForEach(caller => caller.Dispose());
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_call_asked_about_at_one_gateway_is_decided_at_another_once_whoever_is_killed_and_an_edit_is_known_to_both()
    {
        var (one, other) = await StartBothAsync();
        await StartWorkerAsync("w1");
        var (rep, repAtOther) = (await CallerAsync(one, one, "rep", "jobs:run,jobs:read"), await CallerAsync(one, other, "rep", "jobs:run,jobs:read"));
        var (carol, carolAtOne) = (await CallerAsync(one, other, "carol", "jobs:read,approvals:decide"), await CallerAsync(one, one, "carol", "jobs:read,approvals:decide"));

        // Asked here, decided there.
        var first = await HeldAsync(one, "first");
        Assert.Equal(first.Approval, Text(Assert.Single((await carol.CallAsync("approval_list", new { status = "pending" })).Good.GetProperty("approvals").EnumerateArray()), "id"));
        _ = (await DecideAsync(carol, first.Approval, "approve")).Good;
        Assert.Equal("completed", (await one.Client.EndAsync(first.Job)).Status);

        // A yes and a no at once, at two gateways: one counts.
        var second = await HeldAsync(one, "second");
        var both = await Task.WhenAll(DecideAsync(carol, second.Approval, "approve"), DecideAsync(carolAtOne, second.Approval, "reject"));
        Assert.Equal("conflict", Assert.Single(both, reply => reply.IsError).ErrorKind);
        Assert.Equal(both[0].IsError ? "failed" : "completed", (await other.Client.EndAsync(second.Job)).Status);

        // Consent to a repeat given there counts at either, and once.
        var asked = ApprovalOf(await RepeatAsync(rep));
        Assert.Equal(asked, ApprovalOf(await RepeatAsync(repAtOther)));
        _ = (await DecideAsync(carol, asked, "approve")).Good;
        var repeats = await Task.WhenAll(RepeatAsync(rep), RepeatAsync(repAtOther));
        var passed = Text(Assert.Single(repeats, reply => !reply.IsError).Good, "jobId")!;
        Assert.NotEqual(asked, ApprovalOf(Assert.Single(repeats, reply => reply.IsError)));
        Assert.Equal("completed", (await rep.EndAsync(passed)).Status);

        // An edit between request and decision.
        var third = await HeldAsync(one, "third");
        await EditAsync(ByJob.Replace("has to agree", "has to agree twice", StringComparison.Ordinal), one, other);
        Assert.Equal("conflict", (await DecideAsync(carol, third.Approval, "approve")).ErrorKind);
        var anew = "";
        await Wait.UntilAsync(async () => (anew = await ApprovalOfJobAsync(other.Client, third.Job)) != third.Approval, "it is asked anew");

        // The gateway that took it in is gone; an operator decides at the other.
        await one.KillAsync();
        Assert.Equal(0, (await GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["approvals", "approve", anew, "--data-folder", other.Data])).ExitCode);
        Assert.Equal("completed", (await other.Client.EndAsync(third.Job)).Status);
        await one.StartAsync();
        Assert.Equal("conflict", (await DecideAsync(carolAtOne, anew, "reject")).ErrorKind);

        List<Guid> ran = [PublicId.Read(first.Job), PublicId.Read(passed), PublicId.Read(third.Job), .. both[0].IsError ? (Guid[])[] : [PublicId.Read(second.Job)]];
        Assert.Equal(ran.Order(), AgentLog.Read(Log).Select(run => run.JobId).Order());
        await new Checker(Store, ran).CheckAsync(AgentLog.Read(Log));
        await NothingIsSetAsideAsync();
    }

    private async Task<(GatewayProcess One, GatewayProcess Other)> StartBothAsync()
    {
        Directory.CreateDirectory(At("policies"));
        foreach (var (label, policy) in ((string, string)[])[("local", ByJob), ("rep", ByRepeat), ("carol", """{"version":"1","default":"allow"}""")])
        {
            await File.WriteAllTextAsync(Path.Combine(At("policies"), $"{label}.json"), policy, Token);
        }

        var pepper = At("pepper");
        await File.WriteAllTextAsync(pepper, $"shared {Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}\n", Token);
        File.SetUnixFileMode(pepper, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (string, string)[] settings = [("Policies:Folder", At("policies")), ("Policies:LookInterval", "00:00:00.1"), ("Auth:PepperFile", pepper)];
        return (await StartApiAsync(settings), await StartApiAsync(settings));
    }

    private async Task EditAsync(string policy, params GatewayProcess[] gateways)
    {
        var before = Array.ConvertAll(gateways, Loads);
        await File.WriteAllTextAsync(Path.Combine(At("policies"), "local.json"), policy, Token);
        await Wait.UntilAsync(() => gateways.Index().All(gateway => Loads(gateway.Item) > before[gateway.Index]), "the edit is in force");
    }

    private static int Loads(GatewayProcess gateway) => gateway.Log.Split("policies are in force").Length;

    private async Task<McpCaller> CallerAsync(GatewayProcess maker, GatewayProcess gateway, string label, string scopes)
    {
        var made = await GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["keys", "create", "--label", label, "--tenant", "default", "--scopes", scopes, "--json", "--data-folder", maker.Data]);
        var key = Text(JsonElement.Parse(made.Output), "key")!;
        var caller = new McpCaller(() => gateway.Url, () => key);
        _callers.Add(caller);
        return caller;
    }

    private async Task<(string Job, string Approval)> HeldAsync(GatewayProcess gateway, string answer)
    {
        var record = (await gateway.Client.CallAsync("claude_request_async", new { prompt = $"[[fake: log {Log}; answer {answer}]]" })).Good;
        return (Text(record, "jobId")!, Text(record.GetProperty("approval"), "id")!);
    }

    private Task<Reply> RepeatAsync(McpCaller caller) => caller.CallAsync("claude_request_async", new { prompt = $"[[fake: log {Log}; answer repeat]]" });

    private static string ApprovalOf(Reply reply)
    {
        Assert.Equal("approval_required", reply.ErrorKind);
        return Text(reply.Error, "approvalId")!;
    }

    private static async Task<string> ApprovalOfJobAsync(McpCaller caller, string jobId) =>
        Text((await caller.CallAsync("llm_job_status", new { jobId })).Good.GetProperty("approval"), "id")!;

    private static Task<Reply> DecideAsync(McpCaller caller, string approvalId, string decision) => caller.CallAsync("approval_decide", new { approvalId, decision });

    private static string? Text(JsonElement record, string name) => record.GetProperty(name).GetString();
}
