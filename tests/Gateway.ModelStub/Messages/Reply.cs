namespace Gateway.ModelStub.Messages;

/// <summary>What the stub answers to one request: blocks or an error, and what goes wrong on the way.</summary>
internal sealed record Reply
{
    public IReadOnlyList<Block> Blocks { get; init; } = [];

    public string StopReason { get; init; } = "end_turn";

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public StreamFault Fault { get; init; }

    public ApiError? Error { get; init; }

    public static Reply Say(string text) => new() { Blocks = [new Block.Text(text)] };

    public static Reply Use(string tool, System.Text.Json.Nodes.JsonObject input) =>
        new() { Blocks = [new Block.ToolUse(tool, input)], StopReason = "tool_use" };

    public static Reply Fail(int status, string type, string message, int? retryAfterSeconds = null) =>
        new() { Error = new ApiError(status, type, message, retryAfterSeconds) };
}
