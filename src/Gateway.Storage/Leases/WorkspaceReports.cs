using System.Text.Json;
using Gateway.Contracts.Values;
using Gateway.Jobs;

namespace Gateway.Storage.Leases;

/// <summary>What workers say of their workspaces, as a row keeps it.</summary>
internal static class WorkspaceReports
{
    private const int MostReports = 1_000;
    private const int MostNameChars = 64;
    private const int MostBranchChars = 255;

    /// <summary>A worker works on untrusted text: of what it says only what the contract knows is kept, and no more than fits a page.</summary>
    public static string Write(IReadOnlyList<WorkspaceReport> reports) => JsonSerializer.Serialize(
        [
            .. reports.Take(MostReports).Where(one => one.Alias.Length <= MostNameChars).Select(one => one with
            {
                Kind = one.Kind == "git" ? "git" : "folder",
                Branch = one.Branch is { Length: > 0 and <= MostBranchChars } branch && !branch.Any(char.IsControl) ? branch : null,
            }),
        ],
        JobsJson.Default.IReadOnlyListWorkspaceReport);

    /// <summary>Reads what a row keeps.</summary>
    public static IReadOnlyList<WorkspaceReport> Read(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize(json, JobsJson.Default.IReadOnlyListWorkspaceReport) ?? [];
}
