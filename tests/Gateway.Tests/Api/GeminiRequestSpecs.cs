using Gateway.Api.Auth;
using Xunit;

namespace Gateway.Tests.Api;

public sealed class GeminiRequestSpecs : IDisposable
{
    private const string Tool = "gemini_request_async";
    private readonly Bench bench = new(("Workspaces:Roots:0", Directory.GetCurrentDirectory()));

    public void Dispose() => bench.Dispose();

    /// <summary>Arguments, what the worker gets, and whether the run can change files.</summary>
    public static TheoryData<string, string, bool> Good => new()
    {
        { """{"prompt":"x"}""", """{"includeDirs":[],"allowedTools":[],"sandbox":false,"answersWithRecord":false}""", false },
        { """{"prompt":"x","approvalMode":"default","outputFormat":"stream-json","sandbox":false,"includeDirs":[]}""", """{"includeDirs":[],"allowedTools":[],"sandbox":false,"answersWithRecord":false}""", false },
        { """{"prompt":"x","model":"gemini-3.8-flash","approvalMode":"plan"}""", """{"model":"gemini-3.8-flash","approvalMode":"plan","includeDirs":[],"allowedTools":[],"sandbox":false,"answersWithRecord":false}""", false },
        { """{"prompt":"x","approvalMode":"auto_edit","outputFormat":"json"}""", """{"approvalMode":"auto_edit","includeDirs":[],"allowedTools":[],"sandbox":false,"answersWithRecord":true}""", true },
        { """{"prompt":"x","allowedTools":["run_shell_command"]}""", """{"includeDirs":[],"allowedTools":["run_shell_command"],"sandbox":false,"answersWithRecord":false}""", true },
        { """{"prompt":"x","yolo":true,"approvalMode":"plan"}""", """{"approvalMode":"plan","includeDirs":[],"allowedTools":[],"sandbox":false,"answersWithRecord":false}""", false },
    };

    [Theory]
    [MemberData(nameof(Good))]
    public async Task A_call_within_the_limits_makes_a_job_of_Gemini(string arguments, string agent, bool writes)
    {
        (await bench.CallAsync(Tool, arguments)).Succeeds();

        var request = Assert.Single(bench.Jobs.Submitted);
        Assert.Equal(("gemini", "gemini", agent, writes), (request.Cli, request.CredentialName, request.Agent.Json, request.Writes));
    }

    [Theory]
    [InlineData("""{"prompt":"x","approvalMode":"yolo"}""", "approvalMode")]
    [InlineData("""{"prompt":"x","yolo":true}""", "yolo")]
    [InlineData("""{"prompt":"x","yolo":true,"approvalMode":"yolo"}""", "approvalMode")]
    public async Task Either_spelling_of_yolo_needs_its_scope(string arguments, string field)
    {
        var refused = await bench.CallAsync(Tool, arguments);
        Assert.Equal(("forbidden", field), (refused.Kind, refused.Error.GetProperty("field").GetString()));
        Assert.Empty(bench.Jobs.Submitted);

        (await bench.CallAsync(Tool, arguments, Bench.MyIdentity(Scopes.BypassPermissions))).Succeeds();
        var request = Assert.Single(bench.Jobs.Submitted);
        Assert.Contains("\"approvalMode\":\"yolo\"", request.Agent.Json, StringComparison.Ordinal);
        Assert.True(request is { Writes: true, Agent.BypassesPermissions: true });
    }

    [Fact]
    public async Task A_mode_that_is_named_beats_the_old_spelling_and_says_so()
    {
        var reply = (await bench.CallAsync(Tool, """{"prompt":"x","yolo":true,"approvalMode":"plan"}""")).Succeeds();
        Assert.Equal("argument_ignored", Assert.Single(reply.Record.GetProperty("warnings").EnumerateArray()).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("""{"prompt":"x","approvalMode":"bypassPermissions"}""", "approvalMode", "default|auto_edit|yolo|plan")]
    [InlineData("""{"prompt":"x","permissionMode":"plan"}""", "permissionMode", "no such argument")]
    [InlineData("""{"prompt":"x","allowedTools":["--yolo"]}""", "allowedTools[0]", "first a letter")]
    [InlineData("""{"prompt":"x","allowedTools":["a,b"]}""", "allowedTools[0]", "first a letter")]
    [InlineData("""{"prompt":"x","allowedTools":["read_file "]}""", "allowedTools[0]", "first a letter")]
    [InlineData("""{"prompt":"x","yolo":"yes"}""", "yolo", "true|false")]
    [InlineData("""{"prompt":"x","sandbox":true}""", "sandbox", "nothing: the operator has opened none")]
    [InlineData("""{"prompt":"x","includeDirs":["/etc"]}""", "includeDirs[0]", "registered root")]
    [InlineData("""{"prompt":"x","resumeLatest":true,"createNewSession":true}""", "resumeLatest", "only one of")]
    [InlineData("""{"prompt":"x","forkSession":true}""", "forkSession", "no such argument")]
    public async Task A_call_outside_the_limits_is_refused_and_leaves_no_job(string arguments, string field, string limit)
    {
        var fault = Assert.Single((await bench.CallAsync(Tool, arguments)).Faults);
        Assert.Equal(field, fault.Field);
        Assert.Contains(limit, fault.Limit, StringComparison.Ordinal);
        Assert.Empty(bench.Jobs.Submitted);
    }
}
