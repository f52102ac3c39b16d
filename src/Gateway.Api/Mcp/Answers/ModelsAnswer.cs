using Gateway.Api.Mcp.Catalogue;

namespace Gateway.Api.Mcp.Answers;

/// <summary>What <c>list_models</c> answers: a member for each CLI that was asked about.</summary>
internal sealed record ModelsAnswer
{
    public bool Success => true;

    public CliModels? Claude { get; init; }

    public CliModels? Codex { get; init; }

    public CliModels? Gemini { get; init; }
}
