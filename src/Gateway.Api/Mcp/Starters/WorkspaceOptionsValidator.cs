using Gateway.Contracts.Workspaces;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Mcp.Starters;

/// <summary>A relative root would mean another folder for each process.</summary>
internal sealed class WorkspaceOptionsValidator : IValidateOptions<WorkspaceOptions>
{
    public ValidateOptionsResult Validate(string? name, WorkspaceOptions options)
    {
        List<string> faults =
        [
            .. options.Roots.Where(r => !Path.IsPathFullyQualified(r)).Select(wrong => $"Workspaces:Roots holds '{wrong}', which is no absolute path."),
            .. WorkspaceRules.FaultsOf(options.Aliases),
        ];
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
