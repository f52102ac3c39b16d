using System.Text.Json.Nodes;
using Gateway.ModelStub.Messages;

namespace Gateway.ModelStub.Responses;

/// <summary>Says a scenario, which is written for Claude's tools, with Codex's: a shell, and an answer that is the structured output itself.</summary>
internal static class CodexTools
{
    public static Reply Translate(Reply reply) => reply with
    {
        Blocks = [.. reply.Blocks.Select(Translate)],
        StopReason = reply.Blocks.Any(block => block is Block.ToolUse { Name: "StructuredOutput" }) ? "end_turn" : reply.StopReason,
    };

    private static Block Translate(Block block) => block is not Block.ToolUse tool ? block : tool.Name switch
    {
        "Bash" => Shell((string)tool.Input["command"]!),
        "Read" => Shell($"cat {Quoted(tool, "file_path")}"),
        "Write" => Shell($"printf %s {Quoted(tool, "content")} > {Quoted(tool, "file_path")}"),
        "Edit" => Shell($"f={Quoted(tool, "file_path")}; t=$(cat \"$f\"); printf '%s\\n' \"${{t/{Quoted(tool, "old_string")}/{Quoted(tool, "new_string")}}}\" > \"$f\""),
        "StructuredOutput" => new Block.Text(tool.Input.ToJsonString()),
        _ => tool,
    };

    private static Block.ToolUse Shell(string command) => new("exec_command", new JsonObject { ["cmd"] = command });

    private static string Quoted(Block.ToolUse tool, string name) => $"'{((string)tool.Input[name]!).Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
