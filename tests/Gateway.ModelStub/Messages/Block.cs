using System.Text.Json.Nodes;

namespace Gateway.ModelStub.Messages;

/// <summary>One content block of an answer.</summary>
internal abstract record Block
{
    public sealed record Text(string Value) : Block;

    public sealed record Thinking(string Value) : Block;

    public sealed record ToolUse(string Name, JsonObject Input) : Block;
}
