using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Workspaces;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>One workspace. One that is not open to the caller is answered like one that does not exist.</summary>
internal sealed class WorkspaceGetTool(WorkspaceBook book, ILogger<WorkspaceGetTool> logger) : GatewayTool(TheCard, logger)
{
    private const string Alias = "alias";

    private static readonly ToolCard TheCard = new()
    {
        Name = "workspace_get",
        Title = "Show a workspace",
        Description = "Tells what jobs may do in a workspace, and its branch.",
        Scope = Scopes.JobsRead,
        Arguments = new ArgumentTable(new TextSpec(Alias, 1, 64) { Required = true, Remedy = "send a name that workspace_list shows" }),
        Members = [("workspace", "object")],
        ReadOnly = true,
        Idempotent = true,
    };

    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ThrowIfFaulty(call);
        var name = call.Arguments.Text(Alias) ?? string.Empty;
        var workspace = book.Find(name, call.Identity.Caller.Tenant, null) ?? throw ToolException.UnknownWorkspace(name, Alias);
        var view = WorkspaceViews.WithWorkers(workspace, await call.Jobs.ReadWorkspacesAsync(cancellationToken).ConfigureAwait(false));
        return ToolReply.Of(new WorkspaceAnswer { Workspace = view }, AnswerJson.Default.WorkspaceAnswer, InWords(view));
    }

    private static string InWords(WorkspaceView view)
    {
        var state = (view.Branch, view.Dirty) switch
        {
            ({ } branch, { } dirty) => $" on branch {branch}, {(dirty ? "with changes that are not committed" : "nothing uncommitted")}",
            ({ } branch, null) => $" on branch {branch}",
            _ => string.Empty,
        };
        return $"{view.Alias} is a {view.Kind}{state}, for {string.Join(", ", view.Providers)}; {view.Workers?.Count ?? 0} workers have told of it.";
    }
}
