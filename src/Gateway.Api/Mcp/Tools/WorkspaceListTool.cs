using System.Globalization;
using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Workspaces;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>The directories in which the caller's jobs may run, by name.</summary>
internal sealed class WorkspaceListTool(WorkspaceBook book, ILogger<WorkspaceListTool> logger) : GatewayTool(TheCard, logger)
{
    private static readonly ToolCard TheCard = new()
    {
        Name = "workspace_list",
        Title = "List workspaces",
        Description = "Lists the directories in which your jobs may run, by the names that a starter takes as workspace.",
        Scope = Scopes.JobsRead,
        Arguments = new ArgumentTable(),
        Members = [("enabled", "boolean"), ("default", "string"), ("workspaces", "array"), ("allowed_roots", "array")],
        ReadOnly = true,
        Idempotent = true,
    };

    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ThrowIfFaulty(call);
        var tenant = call.Identity.Caller.Tenant;
        var seen = await call.Jobs.ReadWorkspacesAsync(cancellationToken).ConfigureAwait(false);
        var answer = new WorkspaceListAnswer
        {
            Default = book.DefaultOf(tenant, null)?.Name,
            Workspaces = [.. book.OpenTo(tenant).Select(one => WorkspaceViews.Of(one, seen))],
            AllowedRoots = [.. Enumerable.Range(1, book.RootCount).Select(number => new WorkspaceListAnswer.RootView(string.Create(CultureInfo.InvariantCulture, $"root{number}")))],
            Enabled = book.RootCount > 0 || book.OpenTo(tenant).Any(),
        };
        return ToolReply.Of(answer, AnswerJson.Default.WorkspaceListAnswer, InWords(answer));
    }

    private static string InWords(WorkspaceListAnswer answer)
    {
        if (!answer.Enabled)
        {
            return "No workspace is open to you: each job gets a private empty folder.";
        }

        var names = string.Join(", ", answer.Workspaces.Select(one => one.Alias));
        var known = answer.Default is { } name ? $" Without workspace a job runs in {name}." : string.Empty;
        var text = $"{answer.Workspaces.Count} workspaces{(names.Length > 0 ? ": " : string.Empty)}{names}.{known}";
        return text.Length <= JobWords.MostChars ? text : $"{answer.Workspaces.Count} workspaces.{known}";
    }
}
