using Microsoft.Extensions.Options;

namespace Gateway.Api.Mcp.Starters;

/// <summary>A relative root would mean another folder for each process.</summary>
internal sealed class WorkspaceOptionsValidator : IValidateOptions<WorkspaceOptions>
{
    public ValidateOptionsResult Validate(string? name, WorkspaceOptions options)
    {
        var wrong = options.Roots.FirstOrDefault(r => !Path.IsPathFullyQualified(r));
        return wrong is null ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail($"Workspaces:Roots holds '{wrong}', which is no absolute path.");
    }
}
