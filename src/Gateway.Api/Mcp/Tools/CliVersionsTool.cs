using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Catalogue;
using Gateway.Contracts.Values;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>What the workers have installed, as they told last.</summary>
internal sealed class CliVersionsTool(ILogger<CliVersionsTool> logger) : GatewayTool(TheCard, logger)
{
    private static readonly ToolCard TheCard = new()
    {
        Name = "cli_versions",
        Title = "Versions of the CLIs",
        Description = "Tells which CLI versions the workers have, whether they differ from the tested ones, and whether a credential is there.",
        Scope = Scopes.JobsRead,
        Arguments = new ArgumentTable(new ChoiceSpec("cli", [.. AgentClis.All])),
        Members = [("versions", "array")],
        ReadOnly = true,
        Idempotent = true,
    };

    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ThrowIfFaulty(call);
        var asked = call.Arguments.Text("cli");
        var seen = await call.Jobs.ReadClisAsync(cancellationToken).ConfigureAwait(false);
        var answer = new VersionsAnswer { Versions = [.. AgentClis.All.Where(cli => asked is null || asked == cli).Select(cli => CliDrift.Of(cli, seen))] };
        return ToolReply.Of(answer, AnswerJson.Default.VersionsAnswer, string.Join(' ', answer.Versions.Select(Words)));
    }

    private static string Words(VersionsAnswer.VersionView one) => one.Version is { } version
        ? $"{one.Cli} {version} ({(one.Drift == "none" ? "as tested" : $"{one.Drift}, tested is {one.TestedVersion}")}), login {one.LoginStatus}."
        : $"{one.Cli}: not installed, or nobody has told.";
}
