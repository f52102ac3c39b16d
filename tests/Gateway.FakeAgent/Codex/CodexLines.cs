using Gateway.FakeAgent.Platform;
using Gateway.FakeAgent.Stream;

namespace Gateway.FakeAgent.Codex;

/// <summary>The JSON lines of Codex 0.169.0.</summary>
internal sealed class CodexLines(Guid thread)
{
    private int _items;

    public void Started() => Output.Line($$"""{"type":"thread.started","thread_id":"{{thread:d}}"}""");

    public static void TurnStarted() => Output.Line("""{"type":"turn.started"}""");

    public void Say(string text) => Completed($"\"type\":\"agent_message\",\"text\":{Json.Text(text)}");

    public void Think(string text) => Completed($"\"type\":\"reasoning\",\"text\":{Json.Text(text)}");

    public void Warn(string text) => Completed($"\"type\":\"error\",\"message\":{Json.Text(text)}");

    public void Tool(string command, string output, string status)
    {
        Output.Line($$$"""{"type":"item.started","item":{"id":"item_{{{_items}}}","type":"command_execution","command":{{{Json.Text(command)}}},"aggregated_output":"","exit_code":null,"status":"in_progress"}}""");
        Completed($"\"type\":\"command_execution\",\"command\":{Json.Text(command)},\"aggregated_output\":{Json.Text(output)},\"exit_code\":{(status == "completed" ? 0 : 1)},\"status\":\"{status}\"");
    }

    public static void Reconnect(int attempt, int limit) => Problem($"Reconnecting... {attempt}/{limit} (stream disconnected before completion: error sending request)");

    public static void Problem(string message) => Output.Line($$"""{"type":"error","message":{{Json.Text(message)}}}""");

    public static void Unknown()
    {
        Output.Line("""{"type":"type.of.tomorrow","payload":{"deep":[1,2,{"x":null}]}}""");
        Output.Line("""{"type":"item.completed","item":{"id":"item_99","type":"item_of_tomorrow"}}""");
        Output.Line("""{"no":"type at all"}""");
        Output.Line("""[1,2,3]""");
    }

    public static string TurnCompleted(long input, long output) =>
        $$$"""{"type":"turn.completed","usage":{"input_tokens":{{{input}}},"cached_input_tokens":0,"cache_write_input_tokens":0,"output_tokens":{{{output}}},"reasoning_output_tokens":0}}""";

    public static string TurnFailed(string message) => $$$"""{"type":"turn.failed","error":{"message":{{{Json.Text(message)}}}}}""";

    private void Completed(string members) => Output.Line($$$"""{"type":"item.completed","item":{"id":"item_{{{_items++}}}",{{{members}}}}}""");
}
