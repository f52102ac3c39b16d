using Gateway.FakeAgent.CommandLine;
using Gateway.FakeAgent.Platform;

namespace Gateway.FakeAgent.Stream;

/// <summary>The stream-json lines of Claude Code 2.1.330, with the keys in the order in which the real one prints them.</summary>
internal sealed class ClaudeLines(Arguments arguments, string sessionId)
{
    private const string Usage = """{"input_tokens":2534,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1,"service_tier":"standard"}""";
    private readonly string _session = Json.Text(sessionId);
    private int _messages;

    private bool Silent => arguments.Format != "stream-json";

    private static string NewId => Json.Text(Guid.NewGuid().ToString());

    public void Init() => Print(
        $$"""
        {"type":"system","subtype":"init","cwd":{{Json.Text(Environment.CurrentDirectory)}},"session_id":{{_session}},"tools":["Task","Bash","Edit","Read","Write"],"mcp_servers":[],"model":{{Json.Text(arguments.Model)}},"permissionMode":{{Json.Text(arguments.PermissionMode)}},"slash_commands":[],"apiKeySource":"ANTHROPIC_API_KEY","claude_code_version":"2.1.330","output_style":"default","agents":[],"skills":[],"plugins":[],"uuid":{{NewId}}}
        """);

    public void Status() => Print($$"""{"type":"system","subtype":"status","status":"requesting","session_id":{{_session}},"uuid":{{NewId}}}""");

    public void Say(string text)
    {
        var id = $"msg_{++_messages}";
        if (arguments.Partial && text.Length < 1_000_000)
        {
            StreamEvent($$$"""{"type":"message_start","message":{"id":"{{{id}}}","type":"message","role":"assistant","model":{{{Json.Text(arguments.Model)}}},"content":[],"stop_reason":null,"stop_sequence":null,"usage":{{{Usage}}}}}""");
            StreamEvent("""{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""");
            StreamEvent($$$"""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":{{{Json.Text(text)}}}}}""");
        }

        Assistant(id, $$"""{"type":"text","text":{{Json.Text(text)}}}""");
        if (arguments.Partial && text.Length < 1_000_000)
        {
            StreamEvent("""{"type":"content_block_stop","index":0}""");
            StreamEvent("""{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":10}}""");
            StreamEvent("""{"type":"message_stop"}""");
        }
    }

    public void Think(string text) => Assistant($"msg_{++_messages}", $$"""{"type":"thinking","thinking":{{Json.Text(text)}},"signature":"fake"}""");

    public void Tool(string name, string result, bool denied)
    {
        var id = $"toolu_{++_messages}";
        Assistant($"msg_{_messages}", $$$"""{"type":"tool_use","id":"{{{id}}}","name":{{{Json.Text(name)}}},"input":{"command":"true"}}""");
        if (denied)
        {
            Print($$"""{"type":"system","subtype":"permission_denied","tool_name":{{Json.Text(name)}},"tool_use_id":"{{id}}","decision_reason_type":"asyncAgent","message":"Permission denied","uuid":{{NewId}},"session_id":{{_session}}}""");
        }

        Print($$$"""{"type":"user","message":{"role":"user","content":[{"tool_use_id":"{{{id}}}","type":"tool_result","content":{{{Json.Text(result)}}},"is_error":{{{Json.Flag(denied)}}}}]},"parent_tool_use_id":null,"session_id":{{{_session}}},"uuid":{{{NewId}}},"timestamp":"2026-01-01T00:00:00.000Z"}""");
    }

    public void Retry(int attempt, int status) => Print(
        $$"""{"type":"system","subtype":"api_retry","attempt":{{attempt}},"max_retries":10,"retry_delay_ms":613,"error_status":{{status}},"error":"server_error","session_id":{{_session}},"uuid":{{NewId}}}""");

    public void ApiError(int status, string kind, string type, string text) => Print(
        $$"""{"type":"assistant","message":{"id":{{NewId}},"model":"<synthetic>","role":"assistant","stop_reason":"stop_sequence","stop_sequence":"","type":"message","usage":{{Usage}},"content":[{"type":"text","text":{{Json.Text(text)}}}]},"parent_tool_use_id":null,"session_id":{{_session}},"uuid":{{NewId}},"error":"{{kind}}","is_api_error_message":true,"api_error_status":{{status}},"api_error_type":"{{type}}"}""");

    public void Unknown()
    {
        Print($$"""{"type":"system","subtype":"subtype_of_tomorrow","session_id":{{_session}},"uuid":{{NewId}}}""");
        Print("""{"type":"type_of_tomorrow","payload":{"deep":[1,2,{"x":null}]}}""");
        Print("""{"no":"type at all"}""");
        Print("""[1,2,3]""");
    }

    private void Assistant(string id, string block) => Print(
        $$"""{"type":"assistant","message":{"id":"{{id}}","type":"message","role":"assistant","model":{{Json.Text(arguments.Model)}},"content":[{{block}}],"stop_reason":null,"stop_sequence":null,"usage":{{Usage}},"context_management":null},"parent_tool_use_id":null,"session_id":{{_session}},"uuid":{{NewId}},"timestamp":"2026-01-01T00:00:00.000Z","request_id":"req_{{_messages}}"}""");

    private void StreamEvent(string data) => Print($$"""{"type":"stream_event","event":{{data}},"session_id":{{_session}},"parent_tool_use_id":null,"uuid":{{NewId}}}""");

    private void Print(string line)
    {
        if (!Silent)
        {
            Output.Line(line);
        }
    }
}
