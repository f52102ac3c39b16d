using System.Globalization;
using System.Text;
using Gateway.Contracts.Values;
using Microsoft.Extensions.Logging;

namespace Gateway.Execution.Workspaces;

/// <summary>Tells what a run has changed in its worktree, committed or not.</summary>
internal sealed partial class WorktreeReader(Git git, Worktrees worktrees, ILogger<WorktreeReader> logger)
{
    /// <summary>Most bytes of a diff that are kept.</summary>
    public const int MostDiffBytes = 8 * 1024 * 1024;

    private const int MostListBytes = 16 * 1024 * 1024;
    private const int NamesAtOnce = 500;
    private const string Submodule = "160000 ";
    private static readonly TimeSpan Time = TimeSpan.FromMinutes(2);

    /// <summary>Looks.</summary>
    /// <param name="jobId">The job, for the log.</param>
    /// <param name="tree">The worktree; nothing runs in it any more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The figures, and the diff as Git writes it; null when it cannot be told, which the log says.</returns>
    public async Task<(WorktreeChange Change, byte[] Diff)?> ReadAsync(Guid jobId, Worktree tree, CancellationToken cancellationToken)
    {
        try
        {
            var shadow = Worktrees.ShadowOf(tree, tree.BaseCommit);
            var index = Path.Combine(shadow.Path, "index");
            await DoAsync(["read-tree", tree.BaseCommit]);
            await ForgetSubmodulesAsync();
            await DoAsync(["add", "--all"]);
            string[] compare = ["diff", "--cached", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--ignore-submodules=all"];
            var numbers = await DoAsync([.. compare, "--numstat", "-z", tree.BaseCommit]);
            var diff = await git.RunAsync(shadow.Path, tree.Path, index, [.. compare, tree.BaseCommit], worktrees.Walls(tree, writesRepository: false), Time, MostDiffBytes, cancellationToken);
            Directory.Delete(shadow.Path, recursive: true);
            return (Count(tree, numbers), diff.Stdout);

            async Task<byte[]> DoAsync(IReadOnlyList<string> words)
            {
                var answer = await git.RunAsync(shadow.Path, tree.Path, index, words, worktrees.Walls(tree, writesRepository: false), Time, MostListBytes, cancellationToken);
                return answer is { ExitCode: 0, TimedOut: false } ? answer.Stdout : throw new IOException($"git {words[0]} ended with {answer.ExitCode}{(answer.TimedOut ? ", out of time" : "")}");
            }

            // Git would start itself in each submodule that is there, with the submodule's own configuration.
            async Task ForgetSubmodulesAsync()
            {
                var entries = Encoding.UTF8.GetString(await DoAsync(["ls-files", "--stage", "-z"])).Split('\0');
                foreach (var some in entries.Where(entry => entry.StartsWith(Submodule, StringComparison.Ordinal)).Select(entry => entry[(entry.IndexOf('\t', StringComparison.Ordinal) + 1)..]).Chunk(NamesAtOnce))
                {
                    await DoAsync(["update-index", "--force-remove", "--", .. some]);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ChangeUnknown(jobId, e.GetType().Name, e.Message);
            return null;
        }
    }

    // Lines of "added TAB removed TAB name NUL"; a binary file has dashes for numbers.
    private static WorktreeChange Count(Worktree tree, byte[] numbers)
    {
        var files = 0;
        var (added, removed) = (0L, 0L);
        foreach (var line in Encoding.UTF8.GetString(numbers).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split('\t', 3);
            if (parts.Length == 3)
            {
                files++;
                added += long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var more) ? more : 0;
                removed += long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var less) ? less : 0;
            }
        }

        return new WorktreeChange { Name = tree.Name, Branch = tree.Branch, BaseCommit = tree.BaseCommit, ChangedFiles = files, Insertions = added, Deletions = removed };
    }

    [LoggerMessage(EventId = 3085, Level = LogLevel.Warning, Message = "{JobId}: what it changed in its worktree could not be told: {Fault}: {Text}")]
    private partial void ChangeUnknown(Guid jobId, string fault, string text);
}
