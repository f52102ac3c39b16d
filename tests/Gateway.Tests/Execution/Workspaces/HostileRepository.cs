using System.Diagnostics;

namespace Gateway.Tests.Execution.Workspaces;

/// <summary>A Git repository made by the real Git, which can be filled with everything that would run a program.</summary>
internal sealed class HostileRepository
{
    private readonly string _marks;
    private readonly Func<string, string>? _trap;

    /// <summary>Makes it.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="trap">The command of a trap that tells its name; null for one that leaves a file beside the repository.</param>
    public HostileRepository(string folder, Func<string, string>? trap = null)
    {
        _trap = trap;
        Folder = Directory.CreateDirectory(folder).FullName;
        _marks = Directory.CreateDirectory(folder + "-marks").FullName;
        Git("init", "--quiet", "--initial-branch=main", ".");
        Write("a.txt", "one\n");
        Write("src/b.txt", "two\n");
        Commit("first");
    }

    public string Folder { get; }

    /// <summary>What was executed: each trap leaves its name.</summary>
    public IReadOnlyList<string> Sprung => [.. Directory.EnumerateFiles(_marks).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public string Head => Git("rev-parse", "HEAD").Trim();

    public void Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    public void Commit(string message)
    {
        Git("add", "--all");
        Git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "-m", message);
    }

    /// <summary>Hooks, filters, a watcher, an external diff, a signer, and what a partial clone would fetch with.</summary>
    public void SetTraps()
    {
        Write(".gitattributes", "*.txt filter=evil diff=evil\n*.bin filter=lfs\n");
        Write("c.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
        Commit("traps");
        foreach (var hook in (string[])["post-checkout", "reference-transaction", "pre-commit", "post-index-change", "fsmonitor-watchman"])
        {
            var path = Path.Combine(Folder, ".git", "hooks", hook);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, $"#!/bin/sh\n{Mark("hook-" + hook)}\n");
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }

        foreach (var (key, name) in ((string, string)[])
        [
            ("filter.evil.smudge", "smudge"), ("filter.evil.clean", "clean"), ("filter.evil.process", "process"), ("filter.lfs.smudge", "lfs-smudge"), ("filter.lfs.process", "lfs-process"),
            ("core.fsmonitor", "fsmonitor"), ("diff.external", "external-diff"), ("diff.evil.command", "diff-command"), ("diff.evil.textconv", "textconv"),
            ("core.sshCommand", "ssh"), ("core.pager", "pager"), ("gpg.program", "gpg"), ("credential.helper", "credential"), ("core.askPass", "askpass"),
        ])
        {
            Git("config", key, (key == "credential.helper" ? "!" : "") + Mark(name) + "; cat");
        }

        Git("config", "filter.evil.required", "true");
        Git("config", "include.path", Path.Combine(Folder, "more.config"));
        Write("more.config", $"[filter \"more\"]\n\tsmudge = {Mark("included")}\n");
        File.WriteAllText(Path.Combine(Folder, ".git", "info", "attributes"), "* filter=more\n");
    }

    public string Mark(string name) => _trap?.Invoke(name) ?? $"touch {Path.Combine(_marks, name)}";

    public string Git(params string[] arguments) => GitIn(Folder, arguments);

    public static string GitIn(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        using var git = Process.Start(start)!;
        var text = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return text;
    }
}
