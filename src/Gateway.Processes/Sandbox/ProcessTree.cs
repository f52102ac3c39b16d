using System.Globalization;
using Gateway.Processes.Launching;
using Gateway.Processes.Spool;

namespace Gateway.Processes.Sandbox;

/// <summary>The processes of one run, from the child that we started down.</summary>
internal sealed class ProcessTree(RunId run, Child child, bool namespaced, TimeProvider clock)
{
    private static readonly TimeSpan SweepPatience = TimeSpan.FromSeconds(5);

    /// <summary>Sends the stop signal to the program itself; false when it is not there yet.</summary>
    public bool Terminate()
    {
        if (!namespaced)
        {
            _ = Native.kill(child.Pid, Native.SignalTerminate);
            return true;
        }

        // The wrapper would die of the signal at once and take the program with it, without grace.
        return FirstProcess() is { } first && Program(first) is { } program && Signal(program, first, Native.SignalTerminate);
    }

    /// <summary>Kills everything that can be reached now. May be called again until the child has ended.</summary>
    /// <param name="wrapperToo">Kill the wrapper as well, though its own end is the proof that the namespace is empty.</param>
    public void Kill(bool wrapperToo)
    {
        if (!namespaced)
        {
            foreach (var pid in Descendants(child.Pid))
            {
                _ = Native.kill(pid, Native.SignalKill);
            }

            _ = Native.kill(-child.Pid, Native.SignalKill);
            return;
        }

        // Killing process 1 empties the namespace, and the wrapper ends only when the kernel has done so.
        if (FirstProcess() is { } first && Signal(first, child.Pid, Native.SignalKill) && !wrapperToo)
        {
            return;
        }

        _ = Native.kill(child.Pid, Native.SignalKill);
    }

    /// <summary>Kills what is left when the child has ended but is not yet reaped; false if something would not go.</summary>
    /// <param name="childWasKilled">Whether the child itself died by a signal.</param>
    public bool CleanUp(bool childWasKilled)
    {
        _ = Native.kill(-child.Pid, Native.SignalKill);

        // A wrapper that ended by itself has waited for the end of its namespace: nothing can be left, and /proc need not be read.
        return (namespaced && !childWasKilled) || ProcessSweep.KillAll(run, clock, SweepPatience);
    }

    private static bool Signal(int pid, int parent, int signal)
    {
        // Between reading a number and using it the process may have gone and the number been given away: hold it first, then look again.
        var descriptor = Native.OpenProcess(pid);
        if (descriptor < 0)
        {
            return false;
        }

        var still = Children(parent).Contains(pid);
        if (still)
        {
            Native.SignalProcess(descriptor, signal);
        }

        Native.Close(descriptor);
        return still;
    }

    private int? FirstProcess()
    {
        foreach (var pid in Children(child.Pid))
        {
            return pid;
        }

        return null;
    }

    // Orphans become children of process 1 too; the program has the lowest number inside, being the first that it started.
    private static int? Program(int first)
    {
        var children = Children(first);
        return children.Count == 0 ? null : children.MinBy(NumberInside);
    }

    private static int NumberInside(int pid)
    {
        foreach (var line in ReadLines($"/proc/{pid}/status"))
        {
            if (line.StartsWith("NSpid:", StringComparison.Ordinal))
            {
                return int.Parse(line.AsSpan(line.LastIndexOf('\t') + 1), CultureInfo.InvariantCulture);
            }
        }

        return int.MaxValue;
    }

    private static List<int> Descendants(int root)
    {
        List<int> found = [];
        Queue<int> open = new([root]);
        while (open.TryDequeue(out var pid))
        {
            foreach (var below in Children(pid))
            {
                found.Add(below);
                open.Enqueue(below);
            }
        }

        return found;
    }

    private static List<int> Children(int pid)
    {
        List<int> found = [];
        try
        {
            foreach (var task in Directory.EnumerateDirectories($"/proc/{pid}/task"))
            {
                foreach (var line in ReadLines(task + "/children"))
                {
                    found.AddRange(line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(number => int.Parse(number, CultureInfo.InvariantCulture)));
                }
            }
        }
        catch (IOException)
        {
            // The process has ended.
        }

        return found;
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
