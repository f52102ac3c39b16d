using System.Text.Json;
using Xunit;

namespace Gateway.EndToEndTests.Doubles;

/// <summary>What the fake agent prints as Gemini CLI is what the real one prints, as far as the product reads it.</summary>
public sealed class FakeGeminiContractSpecs(ModelStubProcess stub) : IClassFixture<ModelStubProcess>
{
    /// <summary>Kinds of lines, and the members that the product reads of them.</summary>
    private static readonly (string Type, string Members)[] Kinds =
    [
        ("init", "type timestamp session_id model"),
        ("message", "type timestamp role content delta"),
        ("tool_use", "type timestamp tool_name tool_id parameters"),
        ("tool_result", "type timestamp tool_id status output"),
        ("result", "type timestamp status stats"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lines_have_the_members_of_the_real_ones()
    {
        using var home = new GeminiHome();
        using var fakeHome = new GeminiHome();

        var real = await home.RunAsync(BuiltPrograms.Gemini, stub.Url, "[[stub:bash id]]", ["--approval-mode", "yolo", "--session-id", Guid.NewGuid().ToString()], Token);
        var fake = await fakeHome.RunAsync(BuiltPrograms.FakeAgent, null, "[[fake: tool run_shell_command uid]]", ["--session-id", Guid.NewGuid().ToString()], Token);

        Assert.Equal((0, 0), (real.ExitCode, fake.ExitCode));
        foreach (var (type, members) in Kinds)
        {
            Assert.Subset(Members(real.Last(type)), Members(fake.Last(type)));
            Assert.Superset(new SortedSet<string>(members.Split(' ')), Members(fake.Last(type)));
            Assert.All(members.Split(' '), member => Assert.Equal(real.Last(type).GetProperty(member).ValueKind, fake.Last(type).GetProperty(member).ValueKind));
        }

        Assert.Subset(Members(real.Result.GetProperty("stats")), Members(fake.Result.GetProperty("stats")));
    }

    [Theory]
    [InlineData("[[stub:404]]", "[[fake: api-error 404 no]]")]
    [InlineData("[[stub:500]]", "[[fake: api-error 500 no]]")]
    public async Task A_run_that_fails_ends_with_the_code_and_the_record_of_the_real_one(string forReal, string forFake)
    {
        using var home = new GeminiHome();
        using var fakeHome = new GeminiHome();

        var real = await home.RunAsync(BuiltPrograms.Gemini, stub.Url, forReal, ["--session-id", Guid.NewGuid().ToString()], Token);
        var fake = await fakeHome.RunAsync(BuiltPrograms.FakeAgent, null, forFake, ["--session-id", Guid.NewGuid().ToString()], Token);

        Assert.Equal(Ending(real), Ending(fake));
        Assert.Equal(real.Errors.Contains("ModelNotFoundError", StringComparison.Ordinal), fake.Errors.Contains("ModelNotFoundError", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sessions_are_refused_as_by_the_real_one()
    {
        using var home = new GeminiHome();
        using var fakeHome = new GeminiHome();
        string[] unknown = ["--resume", Guid.NewGuid().ToString()];

        var real = await home.RunAsync(BuiltPrograms.Gemini, stub.Url, "hi", unknown, Token);
        var fake = await fakeHome.RunAsync(BuiltPrograms.FakeAgent, null, "hi", unknown, Token);

        Assert.Equal((42, 42), (real.ExitCode, fake.ExitCode));
        Assert.Equal(("", ""), (real.Output, fake.Output));
        Assert.Contains("resuming session", real.Errors, StringComparison.Ordinal);
        Assert.Contains("resuming session", fake.Errors, StringComparison.Ordinal);
    }

    private static (int, string?, string?, bool) Ending(CliRun run) =>
        (run.ExitCode, run.Result.GetProperty("status").GetString(), run.Result.GetProperty("error").GetProperty("type").GetString(), run.Result.GetProperty("error").GetProperty("message").GetString()!.StartsWith("[API Error", StringComparison.Ordinal));

    private static SortedSet<string> Members(JsonElement line) => [.. line.EnumerateObject().Select(m => m.Name)];
}
