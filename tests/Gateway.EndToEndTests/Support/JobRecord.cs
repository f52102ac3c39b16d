using System.Text.Json;

namespace Gateway.EndToEndTests.Support;

/// <summary>A job view as a client reads it.</summary>
internal sealed record JobRecord(JsonElement Json)
{
    public string Id => Json.GetProperty("id").GetString()!;

    public string Status => Json.GetProperty("status").GetString()!;

    public bool IsFinal => Status is "completed" or "failed" or "canceled";

    public int Attempt => Json.GetProperty("attempt").GetInt32();

    public int? ExitCode => Json.TryGetProperty("exitCode", out var code) ? code.GetInt32() : null;

    public string? FailureKind => Failure?.GetProperty("kind").GetString();

    public string? FailureMessage => Failure?.GetProperty("message").GetString();

    public bool OutputTruncated => Json.GetProperty("outputTruncated").GetBoolean();

    public JsonElement? Failure => Json.TryGetProperty("failure", out var failure) ? failure : null;

    public bool Has(string member) => Json.TryGetProperty(member, out _);

    public override string ToString() => Json.GetRawText();
}
