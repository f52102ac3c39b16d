using System.Text.Json;

namespace Gateway.Nemesis.Clients;

/// <summary>How a call went: the record of a good answer, the kind of a refusal, or neither, when nobody knows what became of it.</summary>
internal sealed record ToolAnswer(JsonElement? Record, string? Refusal, bool Retryable, string Words)
{
    public bool IsUnknown => Record is null && Refusal is null;
}
