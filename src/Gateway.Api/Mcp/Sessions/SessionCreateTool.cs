using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Starters;
using Gateway.Api.Mcp.Tools;
using Gateway.Api.Mcp.Workspaces;
using Gateway.Jobs.Sessions;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Sessions;

/// <summary>Makes a named conversation in which nothing was said yet.</summary>
internal sealed class SessionCreateTool(WorkspaceBook book, ILogger<SessionCreateTool> logger) : GatewayTool(TheCard, logger)
{
    private const string Workspace = "workspace";
    private const string SetAsActive = "setAsActive";

    private static readonly ToolCard TheCard = new()
    {
        Name = "session_create",
        Title = "New conversation",
        Description = "Makes an empty conversation; no run starts. By default it is active: calls of its CLI that name no session go on with it.",
        Scope = Scopes.SessionsManage,
        Arguments = new ArgumentTable(
            SessionArguments.CliName with { Required = true },
            new TextSpec("description", 1, 200) { Description = "For people" },
            StarterArguments.OfEvery().Single(spec => spec.Name == Workspace),
            new FlagSpec(SetAsActive) { Default = "true" }),
        Members = [("session", "object")],
    };

    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ThrowIfFaulty(call);
        var active = !call.Arguments.Has(SetAsActive) || call.Arguments.Flag(SetAsActive);
        var cli = call.Arguments.Text(SessionArguments.Cli) ?? "";
        var workspace = call.Arguments.Text(Workspace) is { } name ? book.Find(name, call.Identity.Caller.Tenant, cli) ?? throw ToolException.UnknownWorkspace(name, Workspace) : null;
        var wanted = new NewSession(cli, call.Arguments.Text("description"), workspace?.Name, workspace?.Path, active);
        var session = SessionView.OfNew(await call.Jobs.Sessions.CreateAsync(call.Identity.Caller, wanted, cancellationToken).ConfigureAwait(false));
        var words = session.IsActive ? $"It is the active one of {session.Cli}: calls that name no session go on with it." : $"Send it as sessionId of {session.Cli}_request_async.";
        return ToolReply.Of(new SessionAnswer { Session = session }, AnswerJson.Default.SessionAnswer, $"{session.Id} is an empty conversation of {session.Cli}. {words}");
    }
}
