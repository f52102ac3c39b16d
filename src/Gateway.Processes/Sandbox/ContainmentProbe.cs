using Gateway.Processes.Launching;

namespace Gateway.Processes.Sandbox;

/// <summary>Finds out what this machine can do by starting <c>true</c> in each kind of namespace, once.</summary>
internal sealed class ContainmentProbe(Launcher launcher)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly string[] Folders = ["/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin"];

    /// <summary>The best containment that works, or the one asked for.</summary>
    /// <param name="wanted">Word of the one to use; null for the best.</param>
    /// <exception cref="ArgumentException">The one asked for does not work here.</exception>
    public Containment Detect(string? wanted)
    {
        var found = All().FirstOrDefault(containment => wanted is null || containment.Word == wanted);
        return found ?? throw new ArgumentException($"Containment '{wanted}' does not work on this machine.", nameof(wanted));
    }

    /// <summary>Every containment that works here, best first.</summary>
    public IEnumerable<Containment> All()
    {
        var root = Native.geteuid() == 0;
        if (Find("bwrap") is { } bubblewrap && Works(bubblewrap, Wrapping.BubblewrapProcess(dropRoot: false)))
        {
            yield return new(ContainmentKind.Bubblewrap, bubblewrap, root && Works(bubblewrap, Wrapping.BubblewrapProcess(dropRoot: true)));
        }

        if (root && Find("unshare") is { } unshare && Works(unshare, Wrapping.UnshareProcess))
        {
            yield return new(ContainmentKind.Unshare, unshare);
        }

        yield return new(ContainmentKind.Sweep);
    }

    private static string? Find(string name) => Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private bool Works(string tool, IReadOnlyList<string> options)
    {
        using var root = HeldDirectory.Open("/");
        var nothing = Native.Open("/dev/null", Native.ReadWrite);
        try
        {
            using var child = launcher.Start(new LaunchPlan
            {
                Program = tool,
                Arguments = [.. options, .. Wrapping.Init("true", [])],
                Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
                WorkingDirectory = "/",
                Stdin = nothing,
                Stdout = nothing,
                Stderr = nothing,
                Directory = root?.Descriptor ?? -1,
            });
            var end = child.WaitForExit(Patience);
            if (end is null)
            {
                _ = Native.kill(-child.Pid, Native.SignalKill);
                _ = child.WaitForExit(Patience);
            }

            return end?.Code == 0;
        }
        catch (NativeException)
        {
            return false;
        }
        finally
        {
            Native.Close(nothing);
        }
    }
}
