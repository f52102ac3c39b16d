using System.Globalization;
using Gateway.FakeAgent.Platform;
using Gateway.FakeAgent.Stream;

namespace Gateway.FakeAgent.Gemini;

/// <summary>The stream-json lines of Gemini CLI 0.61.0, with the keys in the order in which the real one prints them.</summary>
internal sealed class GeminiLines(string sessionId, string model)
{
    private int _tools;

    private static string Now => Json.Text(TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    public void Init() => Output.Line($$"""{"type":"init","timestamp":{{Now}},"session_id":{{Json.Text(sessionId)}},"model":{{Json.Text(model)}}}""");

    public static void User(string prompt) => Output.Line($$"""{"type":"message","timestamp":{{Now}},"role":"user","content":{{Json.Text(prompt)}}}""");

    /// <summary>In two pieces where there are two characters, as a model sends them.</summary>
    public static void Say(string text)
    {
        var middle = text.Length / 2;
        middle += middle > 0 && char.IsHighSurrogate(text[middle - 1]) ? 1 : 0;
        foreach (var piece in (string[])[text[..middle], text[middle..]])
        {
            Output.Line($$"""{"type":"message","timestamp":{{Now}},"role":"assistant","content":{{Json.Text(piece)}},"delta":true}""");
        }
    }

    public void Tool(string name, string result, bool denied)
    {
        var id = Json.Text($"{name}-{++_tools}");
        Output.Line($$"""{"type":"tool_use","timestamp":{{Now}},"tool_name":{{Json.Text(name)}},"tool_id":{{id}},"parameters":{"command":"true"} }""");
        var error = denied ? $$""","error":{"type":"tool_not_registered","message":{{Json.Text(result)}}}""" : "";
        Output.Line($$"""{"type":"tool_result","timestamp":{{Now}},"tool_id":{{id}},"status":{{Json.Text(denied ? "error" : "success")}},"output":{{Json.Text(result)}}{{error}}}""");
    }

    public static void Problem(string text) => Output.Line($$"""{"type":"error","timestamp":{{Now}},"severity":"error","message":{{Json.Text(text)}}}""");

    public static void Unknown()
    {
        Output.Line("""{"type":"type_of_tomorrow","payload":{"deep":[1,2,{"x":null}]}}""");
        Output.Line("""{"no":"type at all"}""");
        Output.Line("""[1,2,3]""");
    }

    public string Result(GeminiOutcome outcome)
    {
        var error = outcome.ErrorText is { } text ? $$""","error":{"type":{{Json.Text(outcome.ErrorType)}},"message":{{Json.Text(text)}}}""" : "";
        var total = outcome.InputTokens + outcome.OutputTokens;
        var counts = $"\"total_tokens\":{total},\"input_tokens\":{outcome.InputTokens},\"output_tokens\":{outcome.OutputTokens},\"cached\":0,\"input\":{outcome.InputTokens}";
        var status = Json.Text(outcome.Failed ? "error" : "success");
        return $$$"""
            {"type":"result","timestamp":{{{Now}}},"status":{{{status}}}{{{error}}},"stats":{{{{counts}}},"duration_ms":1,"tool_calls":{{{_tools}}},"models":{"gemini-fake":{{{{counts}}}} } } }
            """;
    }
}
