using System.Text.Json.Nodes;
using Gateway.Api.Auth;
using Gateway.Api.Mcp.Arguments;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>Characters that another reader would understand otherwise, in each argument that a tool has.</summary>
public sealed class HostileTextSpecs : IDisposable
{
    private readonly Bench bench = new();

    public void Dispose() => bench.Dispose();

    /// <summary>.NET ends an argument of a program at a NUL without a word, and a database may refuse it.</summary>
    [Theory]
    [InlineData("\0")]
    [InlineData("a\0")]
    [InlineData("\0--dangerously-skip-permissions")]
    public async Task A_NUL_in_any_text_of_any_tool_is_refused_by_its_name_and_nothing_is_started(string text)
    {
        var tried = 0;
        foreach (var tool in bench.Tools)
        {
            foreach (var spec in tool.Card.Arguments.Specs.Where(spec => spec is TextSpec or ChoiceSpec or TimeSpec or ListSpec or ObjectSpec { OtherType: "string" }))
            {
                var arguments = new JsonObject();
                foreach (var required in tool.Card.Arguments.Specs.Where(other => other.Required))
                {
                    arguments[required.Name] = required is ChoiceSpec choice ? choice.Words[0] : "x";
                }

                if (tool.Card.Arguments.ExactlyOneOf is var (first, _))
                {
                    arguments[first] = "x";
                }

                arguments[spec.Name] = spec is ListSpec ? new JsonArray(text) : text;
                var reply = await bench.CallAsync(tool.Card.Name, arguments.ToJsonString(), Bench.MyIdentity(Scopes.ApprovalsDecide));

                Assert.True(reply.Result.IsError == true && reply.Kind == "invalid_input", $"{tool.Card.Name}.{spec.Name}: {reply.Record.GetRawText()}");
                Assert.StartsWith(spec.Name, Assert.Single(reply.Faults).Field, StringComparison.Ordinal);
                tried++;
            }
        }

        Assert.True(tried > 40, $"only {tried} arguments were tried");
        Assert.Empty(bench.Jobs.Submitted);
    }

    [Fact]
    public async Task A_NUL_inside_a_schema_reaches_no_argument_of_a_program()
    {
        (await bench.CallAsync("claude_request_async", """{"prompt":"x","jsonSchema":{"type":"object","title":"a\u0000b"}}""")).Succeeds();
        (await bench.CallAsync("claude_request_async", """{"prompt":"x","jsonSchema":"{\"type\":\"object\",\"title\":\"a\\u0000b\"}"}""")).Succeeds();

        Assert.All(bench.Jobs.Submitted, request => Assert.Contains("""a\u0000b""", Bench.ClaudeOf(request).JsonSchema, StringComparison.Ordinal));
    }
}
