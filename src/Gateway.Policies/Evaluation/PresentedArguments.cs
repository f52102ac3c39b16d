using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Policies.Evaluation;

/// <summary>
/// The arguments as a policy sees them: as sent, and with what else the call means by them, so that one meaning cannot hide behind
/// another spelling (POLICY.md section 3). Argument names mean the same for every tool that has them.
/// </summary>
public static class PresentedArguments
{
    private const string WorkingDirectory = "workingDir";
    private const string PermissionMode = "permissionMode";
    private const string SkipPermissions = "dangerouslySkipPermissions";
    private const string SandboxMode = "sandboxMode";
    private const string BypassSandbox = "dangerouslyBypassApprovalsAndSandbox";
    private const string FullAuto = "fullAuto";
    private const string ApprovalMode = "approvalMode";
    private const string Yolo = "yolo";
    private const string Prompt = "prompt";
    private const string Model = "model";

    /// <summary>
    /// The arguments with every spelling of a permission bypass, the sandbox that <c>fullAuto</c> stands for, the prompt that
    /// <c>promptParts</c> make, the folder that a workspace or a session stands for, and the model that an alias does.
    /// </summary>
    /// <param name="arguments">The arguments as sent, an object.</param>
    /// <param name="directory">Absolute folder in which the run works, where the call names it by something else; null for none.</param>
    /// <param name="model">The model that is meant, where the call names it by an alias; null for none.</param>
    public static JsonElement Of(JsonElement arguments, string? directory, string? model = null)
    {
        if (arguments.ValueKind != JsonValueKind.Object)
        {
            return arguments;
        }

        var added = Meanings(arguments, directory, model).ToList();
        if (added.Count == 0)
        {
            return arguments;
        }

        var presented = JsonObject.Create(arguments) ?? [];
        foreach (var (name, value) in added)
        {
            presented[name] = value;
        }

        return JsonSerializer.SerializeToElement(presented);
    }

    private static IEnumerable<(string Name, JsonNode Value)> Meanings(JsonElement arguments, string? directory, string? model)
    {
        // A mode that is named wins over the short spelling of it.
        if (Means(arguments, PermissionMode, "bypassPermissions", SkipPermissions))
        {
            yield return (PermissionMode, "bypassPermissions");
            yield return (SkipPermissions, true);
        }

        if (Is(arguments, BypassSandbox) || HasText(arguments, SandboxMode, "danger-full-access"))
        {
            yield return (SandboxMode, "danger-full-access");
            yield return (BypassSandbox, true);
        }
        else if (Is(arguments, FullAuto) && !Has(arguments, SandboxMode))
        {
            yield return (SandboxMode, "workspace-write");
        }

        if (Means(arguments, ApprovalMode, Yolo, Yolo))
        {
            yield return (ApprovalMode, Yolo);
            yield return (Yolo, true);
        }

        if (!Has(arguments, Prompt) && PromptParts.Join(arguments) is { } prompt)
        {
            yield return (Prompt, prompt);
        }

        if (model is not null && Has(arguments, Model))
        {
            yield return (Model, model);
        }

        if (directory is not null && !Has(arguments, WorkingDirectory))
        {
            yield return (WorkingDirectory, directory);
        }
    }

    private static bool Means(JsonElement arguments, string mode, string word, string flag) =>
        Has(arguments, mode) ? HasText(arguments, mode, word) : Is(arguments, flag);

    private static bool Is(JsonElement arguments, string name) => arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static bool HasText(JsonElement arguments, string name, string text) =>
        arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    private static bool Has(JsonElement arguments, string name) => arguments.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;
}
