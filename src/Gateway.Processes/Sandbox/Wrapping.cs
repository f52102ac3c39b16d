using System.Globalization;
using Gateway.Processes.Launching;

namespace Gateway.Processes.Sandbox;

/// <summary>Turns a program into the command line that runs it behind its walls.</summary>
internal static class Wrapping
{
    // The shell is process 1 of the namespace: it passes on the exit code, reaps orphans, and the kernel kills all that is left
    // when it ends. Programs are not made process 1 themselves, since the kernel keeps unhandled signals from that one. Descriptor
    // 9 keeps the shell's own remarks ("Terminated") out of the run's stderr. The command at the end keeps it from becoming the program.
    // Wrappers go to the working directory, and bubblewrap mounts it, by its name, which may have been given to another one since
    // it was checked: the shell compares where it is with the directory held as descriptor 4, before anything of the run is there.
    private const string InitScript =
        "exec 9>&2 2>/dev/null; "
        + "[ . -ef /proc/self/fd/4 ] || { echo 'The working directory became another one while the run was being started.' >&9; exit 126; }; "
        + "while [ \"$1\" = --pin ]; do "
        + "[ \"$(/usr/bin/stat -c %d:%i -- \"$3\")\" = \"$2\" ] || { echo 'A directory became another one while the run was being started.' >&9; exit 126; }; shift 3; done; "
        + "exec 4>&-; (exec \"$@\" 2>&9 9>&-); exit $?";

    private const int FileBlockBytes = 512;

    private static readonly string[] SystemFolders = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

    private static readonly string[] SystemFiles =
    [
        "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/hosts", "/etc/resolv.conf", "/etc/ssl", "/etc/pki",
        "/etc/ca-certificates", "/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime",
    ];

    public static IReadOnlyList<string> UnshareProcess { get; } = ["--pid", "--fork", "--mount-proc", "--kill-child", "--"];

    public static IReadOnlyList<string> BubblewrapProcess(bool dropRoot) => [.. Namespaces(dropRoot), "--dev-bind", "/", "/", "--proc", "/proc", "--"];

    /// <summary>Options for a short program that is seen to its end by whoever starts it.</summary>
    public static IReadOnlyList<string> BubblewrapProgram(RunSandbox sandbox, string program) => [.. Namespaces(dropRoot: false), .. MountNamespace(sandbox, program, dropRoot: false)];

    public static IReadOnlyList<string> Init(string program, IReadOnlyList<string> arguments) => Init(RunLimits.None, program, arguments);

    /// <summary>The command for a run whose mode asks for a namespace, or the plain one where the machine has none.</summary>
    public static (string Program, IReadOnlyList<string> Arguments) Wrap(
        Containment containment, RunSandbox sandbox, RunLimits limits, string program, IReadOnlyList<string> arguments, HeldDirectory directory)
    {
        if (!IsNamespaced(containment, sandbox.Mode) || containment.Tool is not { } tool)
        {
            // The shell becomes the program: the same process, under the limits that it has set itself.
            return limits.FileBytes is null ? (program, arguments) : ("/bin/sh", ["-c", LimitsOf(limits) + "exec \"$@\"", "sh", program, .. arguments]);
        }

        if (containment.Kind == ContainmentKind.Unshare)
        {
            return (tool, [.. UnshareProcess, .. Init(limits, program, arguments)]);
        }

        var dropRoot = containment.CanDropRoot && directory.Owner == Native.geteuid() && IsOurs(sandbox.WritablePaths.Where(path => path != directory.Path));
        IReadOnlyList<string> options = sandbox.Mode == SandboxMode.Workspace
            ? [.. Namespaces(dropRoot), .. MountNamespace(sandbox, program, dropRoot), "--chdir", directory.Path, "--"]
            : [.. BubblewrapProcess(dropRoot).SkipLast(1), "--chdir", directory.Path, "--"];
        return (tool, [.. options, .. Init(limits, program, arguments, sandbox.Mode == SandboxMode.Workspace ? sandbox.Pins : [])]);
    }

    /// <summary>Whether the run gets a namespace of its own, and with it the shell that needs the directory as a descriptor.</summary>
    public static bool IsNamespaced(Containment containment, SandboxMode mode) =>
        mode != SandboxMode.None && containment.Kind != ContainmentKind.Sweep;

    private static IReadOnlyList<string> Init(RunLimits limits, string program, IReadOnlyList<string> arguments, IReadOnlyList<string>? pins = null) =>
        ["/bin/sh", "-c", LimitsOf(limits) + InitScript, "sh", .. (pins ?? []).SelectMany(pin => (string[])["--pin", .. pin.Split(' ', 2)]), program, .. arguments];

    // In the units of POSIX, which every shell keeps that is called sh. No dump of memory either: it could hold the key.
    private static string LimitsOf(RunLimits limits) => limits.FileBytes is { } bytes
        ? string.Create(CultureInfo.InvariantCulture, $"ulimit -c 0; ulimit -f {Math.Max(1, bytes / FileBlockBytes)} || exit 126; ")
        : "";

    // A dropped root is the same owner seen through a user namespace, without capabilities: it can use what we own and nothing
    // of others. A folder of someone else would be closed to it, so then the program stays root within its walls.
    private static bool IsOurs(IEnumerable<string> paths) => paths.All(path => Native.OwnerOf(path) is not { } owner || owner == Native.geteuid());

    private static IEnumerable<string> Namespaces(bool dropRoot)
    {
        string[] user = dropRoot ? ["--unshare-user", "--uid", "1000", "--gid", "1000"] : [];
        return [.. user, "--unshare-pid", "--as-pid-1", "--die-with-parent"];
    }

    private static IEnumerable<string> MountNamespace(RunSandbox sandbox, string program, bool dropRoot)
    {
        yield return "--unshare-ipc";
        yield return "--unshare-uts";
        yield return "--unshare-cgroup-try";
        if (!dropRoot && Native.geteuid() == 0)
        {
            foreach (var word in (string[])["--cap-drop", "ALL", "--cap-add", "CAP_DAC_OVERRIDE", "--cap-add", "CAP_FOWNER"])
            {
                yield return word;
            }
        }

        foreach (var word in SystemMounts().Concat(Binds(sandbox, program)))
        {
            yield return word;
        }
    }

    private static List<string> SystemMounts()
    {
        List<string> words = ["--ro-bind", "/usr", "/usr"];
        foreach (var folder in SystemFolders.Where(Directory.Exists))
        {
            words.AddRange(new DirectoryInfo(folder).LinkTarget is { } target ? ["--symlink", target, folder] : ["--ro-bind", folder, folder]);
        }

        words.AddRange(SystemFiles.Where(Path.Exists).SelectMany(file => (string[])["--ro-bind-try", file, file]));
        words.AddRange(["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/var/tmp"]);
        return words;
    }

    // Short paths first, so that a path inside another one keeps its own rule.
    private static IEnumerable<string> Binds(RunSandbox sandbox, string program)
    {
        var binds = sandbox.ReadOnlyPaths.Select(path => (Option: "--ro-bind", Path: path))
            .Concat(sandbox.WritablePaths.Select(path => (Option: "--bind", Path: path)))
            .ToList();
        if (!binds.Append((Option: "", Path: "/usr")).Any(bind => IsBelow(program, bind.Path)) && !SystemFolders.Any(folder => IsBelow(program, folder)))
        {
            binds.Add(("--ro-bind", program));
        }

        return binds.OrderBy(bind => bind.Path.Length).SelectMany(bind => (string[])[bind.Option, bind.Path, bind.Path]);
    }

    public static bool IsBelow(string path, string folder) =>
        path == folder || path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);
}
