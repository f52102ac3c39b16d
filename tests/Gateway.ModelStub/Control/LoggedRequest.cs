namespace Gateway.ModelStub.Control;

/// <summary>One request as the control endpoint tells it. The key itself is never kept: its header, its hash and whether its text stood in the body are.</summary>
internal sealed record LoggedRequest(
    int Number, string Method, string Path, string Scenario, string SessionId, int Step, string Model, bool Streaming,
    string Prompt, string LastToolResult, string AuthHeader, string? KeySha256, bool KeyInBody,
    IReadOnlyList<string> Earlier);
