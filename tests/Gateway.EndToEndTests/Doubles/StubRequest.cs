namespace Gateway.EndToEndTests.Doubles;

/// <summary>What the stub tells about one request.</summary>
public sealed record StubRequest(string Scenario, string SessionId, int Step, string Model, string Prompt, string LastToolResult, string AuthHeader, string? KeySha256, bool KeyInBody, IReadOnlyList<string> Earlier);
