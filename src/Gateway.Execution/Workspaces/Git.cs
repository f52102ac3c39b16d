using System.Text;
using Gateway.Processes.Launching;
using Gateway.Processes.Sandbox;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Workspaces;

/// <summary>
/// Runs Git so that nothing which a repository brings is executed: a workspace is written by agents, its configuration too.
/// What cannot be switched off by a setting (filters, submodules) is left to those who never let Git see the repository's
/// own configuration while files are read or written.
/// </summary>
internal sealed class Git(IOptions<WorkspacesOptions> options)
{
    private const string Nothing = "/dev/null";
    private const string Refuses = "/bin/false";

    // Each of these names a program, or would have one started.
    private static readonly string[] Off =
    [
        "core.hooksPath=" + Nothing, "core.fsmonitor=false", "core.attributesFile=" + Nothing, "core.excludesFile=" + Nothing,
        "core.sshCommand=" + Refuses, "core.askPass=" + Refuses, "core.editor=" + Refuses, "core.pager=cat", "core.gitProxy=" + Refuses,
        "core.alternateRefsCommand=" + Refuses, "credential.helper=", "diff.external=", "gpg.program=" + Refuses, "commit.gpgSign=false",
        "protocol.allow=never", "submodule.recurse=false", "diff.ignoreSubmodules=all", "branch.autoSetupMerge=false",
        "gc.auto=0", "maintenance.auto=false", "core.untrackedCache=false", "core.splitIndex=false", "safe.directory=*",
        "advice.addEmbeddedRepo=false",
    ];

    private static readonly Dictionary<string, string> Environment = new(StringComparer.Ordinal)
    {
        ["PATH"] = "/usr/bin:/bin",
        ["HOME"] = "/nonexistent",
        ["LC_ALL"] = "C",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_CONFIG_SYSTEM"] = Nothing,
        ["GIT_CONFIG_GLOBAL"] = Nothing,
        ["GIT_ATTR_NOSYSTEM"] = "1",
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["GIT_ASKPASS"] = Refuses,
        ["GIT_OPTIONAL_LOCKS"] = "0",

        // A partial clone fetches what it lacks, by whatever program its settings name. Older versions know only the second word.
        ["GIT_NO_LAZY_FETCH"] = "1",
        ["GIT_ALLOW_PROTOCOL"] = "none",
        ["GIT_NO_REPLACE_OBJECTS"] = "1",
        ["GIT_LFS_SKIP_SMUDGE"] = "1",
    };

    /// <summary>Runs it.</summary>
    /// <param name="repository">Absolute path of the Git directory.</param>
    /// <param name="tree">Absolute path of the directory with the files; null for none.</param>
    /// <param name="index">Absolute path of the index; null for the repository's own.</param>
    /// <param name="arguments">Command and its arguments.</param>
    /// <param name="walls">What it may see of the disk.</param>
    /// <param name="time">Longest run time.</param>
    /// <param name="mostBytes">Most bytes of output that are kept.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<CapturedProgram> RunAsync(
        string repository, string? tree, string? index, IReadOnlyList<string> arguments, RunSandbox walls, TimeSpan time, int mostBytes, CancellationToken cancellationToken)
    {
        string[] where = tree is null ? [$"--git-dir={repository}"] : ["-C", tree, $"--git-dir={repository}", $"--work-tree={tree}"];
        string[] words = ["--no-pager", "--literal-pathspecs", .. Off.SelectMany(setting => (string[])["-c", setting]), .. where, .. arguments];
        var environment = index is null ? Environment : new Dictionary<string, string>(Environment, StringComparer.Ordinal) { ["GIT_INDEX_FILE"] = index };
        var (program, all) = ProgramWalls.Wrap(walls, options.Value.GitProgram, words);
        return ProgramRunner.CaptureAsync(program, all, environment, time, mostBytes, cancellationToken);
    }

    /// <summary>The first line of what it said; null when it failed or said nothing.</summary>
    /// <param name="answer">What it did.</param>
    public static string? LineOf(CapturedProgram answer)
    {
        var text = answer is { ExitCode: 0, TimedOut: false } ? Encoding.UTF8.GetString(answer.Stdout).Split('\n')[0].Trim() : "";
        return text.Length > 0 ? text : null;
    }
}
