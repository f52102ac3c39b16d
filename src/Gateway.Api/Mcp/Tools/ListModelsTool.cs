using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Catalogue;
using Gateway.Contracts.Values;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>Models, aliases and defaults, as far as they are known without asking anybody.</summary>
internal sealed class ListModelsTool(ModelCatalogue catalogue, ILogger<ListModelsTool> logger) : GatewayTool(TheCard, logger)
{
    private static readonly ToolCard TheCard = new()
    {
        Name = "list_models",
        Title = "List models",
        Description = "Lists known models, aliases and defaults of each CLI. Other model names are passed on as they are.",
        Scope = Scopes.JobsRead,
        Arguments = new ArgumentTable(new ChoiceSpec("cli", [.. AgentClis.All])),
        Members = [.. AgentClis.All.Select(cli => (cli, "object"))],
        ReadOnly = true,
        Idempotent = true,
    };

    protected override Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ThrowIfFaulty(call);
        var asked = call.Arguments.Text("cli");
        CliModels? Of(string cli) => asked is null || asked == cli ? catalogue.Of(cli) : null;
        var answer = new ModelsAnswer { Claude = Of(AgentClis.Claude), Codex = Of(AgentClis.Codex), Gemini = Of(AgentClis.Gemini) };
        return Task.FromResult(ToolReply.Of(answer, AnswerJson.Default.ModelsAnswer, InWords(answer)));
    }

    private static string InWords(ModelsAnswer answer)
    {
        (string Cli, CliModels? Models)[] all = [(AgentClis.Claude, answer.Claude), (AgentClis.Codex, answer.Codex), (AgentClis.Gemini, answer.Gemini)];
        return string.Join(' ', all.Where(one => one.Models is not null).Select(one => $"{one.Cli}: {Words(one.Models!)}."));
    }

    private static string Words(CliModels models) => models.Models.Count == 0
        ? "no model is known by name"
        : string.Join(", ", models.Models.Keys.Take(6)) + (models.DefaultModel is { } standard ? $" (default {standard})" : string.Empty);
}
