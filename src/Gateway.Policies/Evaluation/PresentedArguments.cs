using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Policies.Evaluation;

/// <summary>
/// The arguments as a policy sees them: as sent, and with what else the call means by them, so that one meaning cannot hide behind
/// another spelling (POLICY.md section 3).
/// </summary>
public static class PresentedArguments
{
    private const string Workspace = "workspace";
    private const string WorkingDirectory = "workingDir";

    /// <summary>The arguments with both spellings of a permission bypass, and with the folder that a workspace stands for.</summary>
    /// <param name="arguments">The arguments as sent, an object.</param>
    /// <param name="isBypass">Whether the run would bypass permissions, however that was asked for.</param>
    /// <param name="workspaceRoot">Root of the workspace that the call names; null for none.</param>
    public static JsonElement Of(JsonElement arguments, bool isBypass, string? workspaceRoot)
    {
        var folder = workspaceRoot is not null && Has(arguments, Workspace) && !Has(arguments, WorkingDirectory) ? workspaceRoot : null;
        if (arguments.ValueKind != JsonValueKind.Object || (!isBypass && folder is null))
        {
            return arguments;
        }

        var presented = JsonObject.Create(arguments) ?? [];
        if (isBypass)
        {
            presented["permissionMode"] = "bypassPermissions";
            presented["dangerouslySkipPermissions"] = true;
        }

        if (folder is not null)
        {
            presented[WorkingDirectory] = folder;
        }

        return JsonSerializer.SerializeToElement(presented);
    }

    /// <summary>Whether Claude Code would bypass permissions: the long spelling wins over the short one.</summary>
    /// <param name="arguments">The arguments as sent, an object.</param>
    public static bool IsClaudeBypass(JsonElement arguments) => arguments.ValueKind == JsonValueKind.Object
        && (Has(arguments, "permissionMode")
            ? arguments.GetProperty("permissionMode") is { ValueKind: JsonValueKind.String } mode && mode.ValueEquals("bypassPermissions")
            : arguments.TryGetProperty("dangerouslySkipPermissions", out var skip) && skip.ValueKind == JsonValueKind.True);

    private static bool Has(JsonElement arguments, string name) =>
        arguments.ValueKind == JsonValueKind.Object && arguments.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;
}
