using System.Text.Json;
using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Answers;

/// <summary>A page of the answer of a run, and what it cost.</summary>
internal sealed record ParsedAnswer
{
    public required string Text { get; init; }

    public required long TextBytes { get; init; }

    public required long TextOffsetBytes { get; init; }

    public long? TextNextOffsetBytes { get; init; }

    public required bool IsError { get; init; }

    public JsonElement? StructuredOutput { get; init; }

    public decimal? CostUsd { get; init; }

    public TokenUsage? Usage { get; init; }

    public string? Model { get; init; }

    public int? NumTurns { get; init; }
}
