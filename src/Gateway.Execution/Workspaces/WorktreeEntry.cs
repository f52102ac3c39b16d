using Gateway.Contracts.Values;
using Gateway.Contracts.Workspaces;
using Gateway.Execution.Runs;
using Gateway.Processes.Launching;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Workspaces;

/// <summary>Moves a run from its workspace into the worktree that it asks for.</summary>
internal sealed class WorktreeEntry(Worktrees worktrees, IOptions<WorkspacesOptions> options)
{
    /// <summary>The directories with the worktree's in the place of the workspace's; as they were when none is asked for.</summary>
    /// <param name="key">The run.</param>
    /// <param name="grant">What it may do.</param>
    /// <param name="places">Its directories.</param>
    /// <param name="tenant">Tenant of the job.</param>
    /// <param name="provider">The CLI that is to run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RunRefusedException">The worktree cannot be made, or does not hold the working directory.</exception>
    public async Task<RunDirectories> EnterAsync(RunKey key, RunGrant grant, RunDirectories places, string tenant, string provider, CancellationToken cancellationToken)
    {
        if (grant.Places?.Worktree is not { } asked)
        {
            return places;
        }

        if (grant.Places.Work?.Workspace is not { } name || new PlaceGuard(options.Value, "/", tenant, provider).Find(name) is not { AllowWorktree: true } alias || RealPath.Of(alias.Path) is not { } workspace)
        {
            throw Rejected("The workspace allows no worktrees on this worker. Leave worktree out, or ask its operator.");
        }

        var tree = await worktrees.OpenAsync(grant.SessionId, asked, workspace, grant.Resume || key.Attempt > 1, cancellationToken);
        var work = tree.Path + places.Work[workspace.Length..];

        // What was committed may be a link: it leads out of the worktree, or to a place that nobody has judged.
        using var held = (RealPath.Of(work) == work ? HeldDirectory.Open(work) : null)
            ?? throw Rejected("The working directory is no directory of the commit that the worktree begins at. Send another one.");
        var pins = new Dictionary<string, DirectoryIdentity>(places.Pins);
        foreach (var part in tree.WritableParts().Append(tree.Repository).Append(tree.Path))
        {
            // Missing ones are made by whoever has the workspace: an agent that could put a link there would be shown what it leads to.
            Directory.CreateDirectory(part);
            using var whole = HeldDirectory.Open(part) ?? throw Rejected("The repository of the workspace holds a link where it has directories of its own. Ask the worker's operator.");
            pins[part] = whole.Identity;
        }

        return places with
        {
            Work = held.Path,
            WorkIdentity = held.Identity,
            Worktree = tree,
            Pins = pins,
            Images = [.. places.Images.Select(image => InTree(image, workspace, tree, places.AddDirs))],
        };
    }

    // What lay in the working directory lies in the worktree now, if it was committed.
    private static string InTree(string image, string workspace, Worktree tree, IReadOnlyList<string> others)
    {
        if (!RealPath.IsWithin(image, workspace) || others.Any(other => RealPath.IsWithin(image, other)))
        {
            return image;
        }

        var inside = tree.Path + image[workspace.Length..];
        return RealPath.Of(inside) == inside ? inside : throw Rejected("An image is no file of the commit that the worktree begins at. Commit it, or leave worktree out.");
    }

    private static RunRefusedException Rejected(string message) => RunRefusedException.Of(FailureKinds.Rejected, message);
}
