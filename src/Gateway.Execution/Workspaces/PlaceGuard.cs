using Gateway.Contracts.Values;
using Gateway.Contracts.Workspaces;
using Gateway.Execution.Providers;
using Gateway.Execution.Runs;
using Gateway.Processes.Launching;

namespace Gateway.Execution.Workspaces;

/// <summary>
/// Finds the places of a run on this disk and judges their real paths, by this worker's own settings: what the edge has let
/// through counts for nothing here. The texts of its refusals name no path of this machine.
/// </summary>
/// <param name="options">Where runs may work.</param>
/// <param name="own">Real path of what the worker itself keeps.</param>
/// <param name="tenant">Tenant of the job.</param>
/// <param name="provider">The CLI that is to run.</param>
internal sealed class PlaceGuard(WorkspacesOptions options, string own, string tenant, string provider)
{
    private const long MostImageBytes = 20 * 1024 * 1024;
    private static readonly string[] NeverOpened = [".ssh", ".aws", ".azure", ".config", ".gnupg", ".kube", ".password-store"];

    /// <summary>Takes hold of a directory.</summary>
    /// <param name="place">Where it is.</param>
    /// <param name="what">What it is for, such as <c>The working directory</c>.</param>
    /// <exception cref="RunRefusedException">It is not there, or not to be used.</exception>
    public HeldDirectory Open(RunPlace place, string what)
    {
        var missing = $"{what} does not exist on this worker, or is no directory. Make it, or leave the argument out.";
        try
        {
            // Links are followed here, once. What is held is at this very path, and the run starts in it or nowhere.
            return HeldDirectory.Open(RealPathOf(place, what, missing)) ?? throw Rejected(missing);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Rejected($"{what} cannot be read by this worker. Give the worker's user access to it.");
        }
    }

    /// <summary>The real path of a place that may be used.</summary>
    /// <param name="place">Where it is.</param>
    /// <param name="what">What it is for.</param>
    /// <param name="missing">What to say when nothing is there.</param>
    /// <exception cref="RunRefusedException">It is not there, or not to be used.</exception>
    public string RealPathOf(RunPlace place, string what, string missing)
    {
        var workspace = place.Workspace is { } name ? Find(name) : null;
        if (workspace is not null && (Path.IsPathRooted(place.Path) || place.Path.Split('/').Contains("..", StringComparer.Ordinal)))
        {
            throw Rejected($"{what} does not lie in its workspace. Send a path inside it.");
        }

        var asked = workspace is null ? place.Path : Path.Combine(workspace.Path, place.Path);
        var real = Path.IsPathRooted(asked) && !asked.Contains('\0', StringComparison.Ordinal) ? RealPath.Of(asked) : null;
        ThrowUnlessOpen(real ?? throw Rejected(missing), workspace, what);
        return real;
    }

    /// <summary>The real path of an image that a run may be shown.</summary>
    /// <param name="place">Where it is.</param>
    /// <param name="directories">Real paths of the run's directories, in one of which it lies.</param>
    /// <exception cref="RunRefusedException">It is not there, too large, or not to be used.</exception>
    public string OpenImage(RunPlace place, IEnumerable<string> directories)
    {
        const string what = "An image";
        var real = RealPathOf(place, what, $"{what} does not exist on this worker. Send another path.");
        if (!directories.Any(directory => RealPath.IsWithin(real, directory)))
        {
            throw Rejected($"{what} does not lie in a directory of the job. Name its directory in addDir, or put it into the working directory.");
        }

        using var file = SafeFile.OpenRead(real) ?? throw Rejected($"{what} is empty, or no plain file. Send another path.");
        return file.Length <= MostImageBytes ? real : throw Rejected($"{what} is larger than 20 MiB. Send a smaller one.");
    }

    /// <summary>The workspace of a name.</summary>
    /// <param name="name">Its alias.</param>
    /// <exception cref="RunRefusedException">This worker does not have it, or not for this job.</exception>
    public WorkspaceAlias Find(string name) =>
        options.Aliases.FirstOrDefault(one => string.Equals(one.Key, name, StringComparison.OrdinalIgnoreCase)).Value is { } alias && alias.IsOpenTo(tenant, provider)
            ? alias
            : throw Rejected("The workspace is none of this worker, or not open to the job. Ask its operator: API and workers must have the same Workspaces:Aliases.");

    private void ThrowUnlessOpen(string real, WorkspaceAlias? workspace, string what)
    {
        IEnumerable<string> bases = workspace is null ? options.Roots : [workspace.Path];
        var root = bases.Where(one => IsInside(real, one)).Select(RealPath.Of).FirstOrDefault()
            ?? throw Rejected($"{what} is not inside a directory that this worker may use. Add one that holds it to {WorkspacesOptions.Section}:Roots (build/run: --root DIR), or leave workingDir out.");
        if (real[root.Length..].Split('/').Any(part => NeverOpened.Contains(part)))
        {
            throw Rejected($"{what} is one that usually holds keys. Use another one.");
        }

        if (options.Closed.Select(RealPath.Of).Append(own).Any(closed => closed is not null && Overlap(real, closed)))
        {
            throw Rejected($"{what} holds what the gateway itself keeps. Use another one.");
        }

        ThrowIfOfOthers(real, what);
    }

    // A link may lead from one workspace into another, and a root may hold one.
    private void ThrowIfOfOthers(string real, string what)
    {
        var all = options.Aliases.Values.Select(alias => (Alias: alias, Real: RealPath.Of(alias.Path) ?? alias.Path)).ToList();
        var holder = all.Where(one => RealPath.IsWithin(real, one.Real)).OrderByDescending(one => one.Real.Length).Select(one => one.Alias).FirstOrDefault();
        if ((holder is not null && !holder.IsOpenTo(tenant, provider)) || all.Any(one => RealPath.IsWithin(one.Real, real) && !one.Alias.IsOpenTo(tenant)))
        {
            throw Rejected($"{what} is, or holds, a workspace that is not open to the job. Use another one.");
        }
    }

    // What lies inside another directory that runs may use could be swapped for a link by a run that works in the outer one, and would
    // then open what that leads to: so the outermost one has to hold it as well.
    private bool IsInside(string real, string directory)
    {
        var plain = WorkspaceRules.Plain(directory);
        var outermost = options.Roots.Concat(options.Aliases.Values.Select(alias => alias.Path)).Select(WorkspaceRules.Plain)
            .Where(one => RealPath.IsWithin(plain, one)).MinBy(one => one.Length) ?? plain;
        return RealPath.Of(directory) is { } inner && RealPath.IsWithin(real, inner) && RealPath.Of(outermost) is { } outer && RealPath.IsWithin(real, outer);
    }

    private static bool Overlap(string one, string other) => RealPath.IsWithin(one, other) || RealPath.IsWithin(other, one);

    private static RunRefusedException Rejected(string message) => RunRefusedException.Of(FailureKinds.Rejected, message);
}
