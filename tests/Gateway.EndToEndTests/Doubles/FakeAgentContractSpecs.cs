using System.Text.Json;
using Xunit;

namespace Gateway.EndToEndTests.Doubles;

/// <summary>What the fake agent prints is what the real CLI prints, as far as the product reads it.</summary>
public sealed class FakeAgentContractSpecs(ModelStubProcess stub) : IClassFixture<ModelStubProcess>
{
    private const string Schema = """{"type":"object","properties":{"answer":{"type":"string"}},"required":["answer"]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>One line of each kind, how to make both print it, and the members that the product reads of it.</summary>
    public static TheoryData<string, string?, string, string, string> Kinds => new()
    {
        { "system", "init", "hi", "hi", "type subtype session_id cwd model permissionMode tools apiKeySource claude_code_version" },
        { "assistant", null, "hi", "hi", "type message parent_tool_use_id session_id uuid" },
        { "stream_event", null, "hi", "hi", "type event session_id parent_tool_use_id uuid" },
        { "user", null, "[[stub:bash id]]", "[[fake: tool Bash uid]]", "type message parent_tool_use_id session_id" },
        { "system", "permission_denied", "[[stub:denied]]", "[[fake: denied Bash]]", "type subtype tool_name tool_use_id message" },
        { "assistant", null, "[[stub:401]]", "[[fake: api-error 401]]", "type message error is_api_error_message api_error_status api_error_type" },
        { "result", null, "hi", "hi", "type subtype is_error result session_id num_turns total_cost_usd usage modelUsage model_usage_since_last_result permission_denials terminal_reason api_error_status duration_ms result_index stop_reason" },
        { "result", null, "[[stub:401]]", "[[fake: api-error 401]]", "type subtype is_error result api_error_status api_error_type terminal_reason" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_line_has_the_members_of_the_real_one(string type, string? subtype, string forReal, string forFake, string read)
    {
        using var home = new CliHome();
        using var fakeHome = new CliHome();

        var real = (await home.RunAsync(BuiltPrograms.Claude, stub.Url, forReal, ["--session-id", Guid.NewGuid().ToString()], Token)).Last(type, subtype);
        var fake = (await fakeHome.RunAsync(BuiltPrograms.FakeAgent, null, forFake, ["--session-id", Guid.NewGuid().ToString()], Token)).Last(type, subtype);

        Assert.Subset(Members(real), Members(fake));
        Assert.Superset(new SortedSet<string>(read.Split(' ')), Members(fake));
        Assert.All(read.Split(' '), member => Assert.Equal(real.GetProperty(member).ValueKind, fake.GetProperty(member).ValueKind));
    }

    [Theory]
    [InlineData("hi", "hi", new string[0])]
    [InlineData("[[stub:loop]]", "[[fake: fail error_max_turns]]", new[] { "--max-turns", "1" })]
    [InlineData("[[stub:structured-wrong]]", "[[fake: fail error_max_structured_output_retries]]", new[] { "--json-schema", Schema })]
    [InlineData("[[stub:huge-loop]]", "[[fake: fail error_max_budget_usd]]", new[] { "--max-budget-usd", "1" })]
    [InlineData("[[stub:429]]", "[[fake: api-error 429]]", new string[0])]
    [InlineData("[[stub:404]]", "[[fake: api-error 404]]", new string[0])]
    [InlineData("[[stub:500]]", "[[fake: api-error 500]]", new string[0])]
    [InlineData("[[stub:400-credit]]", "[[fake: api-error 400-credit]]", new string[0])]
    [InlineData("[[stub:400-too-long]]", "[[fake: api-error 400-too-long]]", new string[0])]
    public async Task A_run_ends_with_the_code_and_the_reasons_of_the_real_one(string forReal, string forFake, string[] arguments)
    {
        using var home = new CliHome();
        using var fakeHome = new CliHome();

        var real = await home.RunAsync(BuiltPrograms.Claude, stub.Url, forReal, ["--session-id", Guid.NewGuid().ToString(), .. arguments], Token);
        var fake = await fakeHome.RunAsync(BuiltPrograms.FakeAgent, null, forFake, ["--session-id", Guid.NewGuid().ToString(), .. arguments], Token);

        Assert.Equal(Ending(real), Ending(fake));
    }

    private static (int, string?, bool, string?, string?, string?) Ending(CliRun run) =>
        (run.ExitCode, Text(run.Result, "subtype"), run.Result.GetProperty("is_error").GetBoolean(), Text(run.Result, "terminal_reason"), Text(run.Result, "api_error_status"), Text(run.Result, "api_error_type"));

    private static string? Text(JsonElement line, string member) => line.TryGetProperty(member, out var value) ? value.ToString() : null;

    private static SortedSet<string> Members(JsonElement line) => [.. line.EnumerateObject().Select(m => m.Name)];
}
