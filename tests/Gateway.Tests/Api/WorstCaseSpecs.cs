using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Api.Mcp.Arguments;
using Gateway.Policies.Documents;
using Gateway.Policies.Evaluation;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>Texts that are made to cost as much as they can. How long each takes is written out; what is asserted is that it ends, and small.</summary>
public sealed class WorstCaseSpecs : IDisposable
{
    private const int Megabyte = 1 << 20;
    private const int LargestAnswer = 20_000;

    // Seconds for what takes milliseconds: only what grows faster than its text comes near.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <summary>Where a pattern may work with backtracking, and why no text can stall it there.</summary>
    private static readonly Dictionary<string, string> Backtracking = new(StringComparer.Ordinal)
    {
        ["Gateway.Api/Mcp/Arguments/TextSpec.cs"] = "our own patterns, on texts that were found short enough before: see below",
        ["Gateway.Api/Mcp/Starters/JsonSchemaRule.cs"] = "only parsed, never matched",
        ["Gateway.Policies/Documents/LimitReader.cs"] = "names and windows in an operator's own file of at most 256 KiB",
        ["Gateway.Policies/Documents/RuleReader.cs"] = "times in an operator's own file of at most 256 KiB",
        ["Gateway.Hosting/Settings/SettingsCheck.cs"] = "messages about an operator's own settings",
        ["Gateway.Hosting/Settings/SecretSettings.cs"] = "an operator's own settings",
    };

    private readonly Bench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void Every_pattern_of_the_product_works_without_backtracking_or_is_known_to_be_safe()
    {
        var patterns = (from file in Directory.EnumerateFiles(RepositoryFiles.Path("src"), "*.cs", SearchOption.AllDirectories)
                        where !file.Contains("/obj/", StringComparison.Ordinal)
                        from line in File.ReadLines(file)
                        where line.Contains("new Regex(", StringComparison.Ordinal) || line.Contains("[GeneratedRegex(", StringComparison.Ordinal) || Regex.IsMatch(line, @"\bRegex\.(IsMatch|Match|Matches|Replace|Split)\(")
                        select (File: Path.GetRelativePath(RepositoryFiles.Path("src"), file), Line: line.Trim())).ToList();

        Assert.Contains(patterns, one => one.Line.Contains("RegexOptions.NonBacktracking", StringComparison.Ordinal));
        Assert.DoesNotContain(patterns, one => !one.Line.Contains("RegexOptions.NonBacktracking", StringComparison.Ordinal) && !Backtracking.ContainsKey(one.File));
        Assert.Empty(Backtracking.Keys.Except(patterns.Select(one => one.File)));
    }

    public static TheoryData<string> Patterns => ["(a+)+$", "(a|a)*b", "(a|aa)+$", "^(.*a){12}b", "([a-z]+)*\\d", "(x+x+)+y"];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void A_pattern_of_a_policy_that_would_stall_others_says_no_to_a_megabyte_or_gives_up(string pattern)
    {
        var file = new DocumentFile("policy.json", Encoding.UTF8.GetBytes(JsonSerializer.Serialize(pattern)));
        var faults = new DocumentFaults(file);
        var (_, test) = PredicateOperator.All.Single(one => one.Name == "regex").Compile(DocumentParser.Parse(file, faults)!, faults)!.Value;
        foreach (var size in (int[])[1_000, 30_000, Megabyte])
        {
            var began = TimeProvider.System.GetTimestamp();
            bool? matched = null;
            try
            {
                matched = test(JsonSerializer.SerializeToElement(new string('a', size - 1) + "!")) == Truth.True;
            }
            catch (RegexMatchTimeoutException)
            {
                // A tenth of a second is over: the engine refuses the call, as PredicateSpecs shows.
            }

            Tell($"{pattern} on {size} characters: {(matched is null ? "given up" : matched)} after {Since(began)} ms");
            Assert.NotEqual(true, matched);
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, Bound);
        }
    }

    [Fact]
    public void Our_own_patterns_see_short_texts_alone_and_end_on_the_worst_of_them()
    {
        var specs = bench.Tools.SelectMany(tool => tool.Card.Arguments.Specs).SelectMany(spec => spec is ListSpec list ? [list.Item] : (ArgumentSpec[])[spec]).OfType<TextSpec>().Where(spec => spec.Pattern is not null).ToList();
        Assert.NotEmpty(specs);
        foreach (var spec in specs)
        {
            Assert.InRange(spec.MaxChars, 1, 1024);
            foreach (var unit in (string[])["a", "a,", "(", ")", "Bash(", "a-", "0", "[]", ":/@", "\n"])
            {
                var text = string.Concat(Enumerable.Repeat(unit, spec.MaxChars))[..(spec.MaxChars - 1)];
                var began = TimeProvider.System.GetTimestamp();
                _ = spec.Read(JsonSerializer.SerializeToElement(text + "\u0001"), spec.Name, new FaultList());
                Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, Bound);
            }
        }
    }

    public static TheoryData<string> Bodies => ["members", "a large object among small ones", "a member again and again", "long names", "brackets", "objects", "escapes", "digits", "faults of a list", "one text"];

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_request_of_eight_megabytes_gets_a_short_answer_and_the_next_one_too(string kind)
    {
        await using var host = await EdgeHost.StartAsync();
        var body = BodyOf(kind, 7 * Megabyte);
        Assert.InRange(body.Length, 4 * Megabyte, 8 * Megabyte);

        var began = TimeProvider.System.GetTimestamp();
        var (status, answer, _) = await host.SendAsync(host.Post(body)).WaitAsync(Bound, TestContext.Current.CancellationToken);

        Tell($"{kind}: {status} with {answer.Length} characters after {Since(began)} ms for {body.Length / Megabyte} MB");
        Assert.True(status == 400 || answer.Contains("invalid_input", StringComparison.Ordinal), answer[..Math.Min(300, answer.Length)]);
        Assert.InRange(answer.Length, 1, LargestAnswer);
        Assert.Empty(host.Jobs.Submitted);
        Assert.Equal(200, (await host.SendAsync(host.Post(Call("llm_process_health", "{}")))).Status);
    }

    public static TheoryData<string, int> SchemaPatterns => new()
    {
        { "nested groups", 30_000 },
        { "alternatives", 30_000 },
        { "nested repeats", 8_000 },
        { "classes", 15_000 },
        { "many patterns", 2_000 },
    };

    [Theory]
    [MemberData(nameof(SchemaPatterns))]
    public async Task A_schema_whose_patterns_are_made_to_hurt_is_taken_or_refused_and_harms_nobody(string kind, int count)
    {
        string Repeat(string unit) => string.Concat(Enumerable.Repeat(unit, count));
        string[] patterns = kind switch
        {
            "nested groups" => [Repeat("(") + "a" + Repeat(")")],
            "alternatives" => [Repeat("a|")],
            "nested repeats" => [Repeat("(") + "a" + Repeat("){9}*")[..(count * 4)], Repeat("(?:a{999}){999}")[..15_000]],
            "classes" => ["[" + Repeat("a-z") + "]"],
            _ => [.. Enumerable.Range(0, count).Select(i => $"(a|b{i})*c")],
        };
        var schema = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject(patterns.Select((pattern, i) => KeyValuePair.Create($"p{i}", (JsonNode?)new JsonObject { ["pattern"] = pattern }))) };

        var began = TimeProvider.System.GetTimestamp();
        var reply = await bench.CallAsync("claude_request_async", new JsonObject { ["prompt"] = "x", ["jsonSchema"] = schema }.ToJsonString()).WaitAsync(Bound, TestContext.Current.CancellationToken);

        Tell($"{kind}: {(reply.Result.IsError == true ? "refused" : "taken")} after {Since(began)} ms");
        Assert.True(reply.Result.IsError != true || reply.Kind == "invalid_input");
    }

    private static string BodyOf(string kind, int size) => kind switch
    {
        "members" => Call("llm_process_health", "{" + string.Join(',', Enumerable.Range(0, size / 12).Select(i => $"\"k{i}\":1")) + "}"),
        "a large object among small ones" => Call("llm_process_health", "{\"x\":[{" + string.Join(',', Enumerable.Range(0, size / 24).Select(i => $"\"k{i}\":1")) + "}," + string.Join(',', Enumerable.Repeat("{\"a\":1}", size / 18)) + "]}"),
        "a member again and again" => Call("llm_process_health", "{" + string.Join(',', Enumerable.Repeat("\"key\":1", size / 8)) + "}"),
        "long names" => Call("llm_process_health", "{" + string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"{i}{new string('n', size / 100)}\":1")) + "}"),
        "brackets" => Call("llm_process_health", "{\"x\":" + new string('[', size / 2) + new string(']', size / 2) + "}"),
        "objects" => Call("llm_process_health", "{\"x\":[" + string.Join(',', Enumerable.Repeat("{\"a\":{\"b\":{\"c\":{}}}}", size / 21)) + "]}"),
        "escapes" => Call("llm_process_health", "{\"x\":\"" + string.Concat(Enumerable.Repeat("\\u0041", size / 6)) + "\"}"),
        "digits" => Call("claude_request_async", "{\"prompt\":\"x\",\"maxTurns\":" + new string('9', size) + "}"),
        "faults of a list" => Call("claude_request_async", "{\"prompt\":\"x\",\"allowedTools\":[" + string.Join(',', Enumerable.Repeat("\"--x\"", size / 6)) + "]}"),
        _ => Call("claude_request_async", "{\"prompt\":\"" + new string('x', size) + "\"}"),
    };

    private static string Call(string tool, string arguments) => $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}}}""";

    private static long Since(long began) => (long)TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;

    private static void Tell(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
