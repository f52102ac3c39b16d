using Gateway.Processes.Launching;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;

namespace Gateway.Processes.Runner;

/// <summary>Makes a run's folder and starts it, or says in the run's own end why it cannot be.</summary>
internal sealed class RunStarter(RunnerMachine machine)
{
    public ServerRun Start(RunSpec spec, string? stdinFile, RunSecretBytes? secret, Action changed)
    {
        var folder = SpoolFolder.Run(machine.Folder, spec.Id);
        try
        {
            SpoolFolder.Make(folder);
            if (stdinFile is not null)
            {
                File.Move(IncomingPath(stdinFile), SpoolFolder.StdinPath(folder), overwrite: true);
            }

            SpoolFolder.WriteSpec(folder, spec);
            if (Preflight(spec) is { } failure)
            {
                return Failed(spec, folder, failure);
            }

            using var directory = Hold(spec);
            return directory is null
                ? Failed(spec, folder, new(RunEndReason.StartFailed, null, "The working directory does not exist, or a part of its path is a link, no directory or closed to this user."))
                : spec.WorkingDirectoryIdentity is { } checkedOne && checkedOne != directory.Identity
                    ? Failed(spec, folder, new(RunEndReason.StartFailed, null, "The working directory is not the one that was checked."))
                    : new ServerRun(RunGuard.Start(spec, directory, secret, folder, machine, changed));
        }
        catch (IOException fault)
        {
            return Failed(spec, folder, Failure.From(fault));
        }
    }

    /// <summary>Removes a stdin that came with a repeated start.</summary>
    public void Forget(string? stdinFile)
    {
        if (stdinFile is not null)
        {
            File.Delete(IncomingPath(stdinFile));
        }
    }

    // Only the name counts: a path would let a request name files outside.
    private string IncomingPath(string stdinFile) => Path.Combine(SpoolFolder.Incoming(machine.Folder), Path.GetFileName(stdinFile));

    private ServerRun Failed(RunSpec spec, string folder, Failure failure)
    {
        var end = new RunEnd { Reason = failure.Reason, ExitCode = failure.ExitCode, EndedAt = machine.Clock.GetUtcNow(), StartError = failure.Text };
        try
        {
            SpoolFolder.WriteEnd(folder, end);
        }
        catch (IOException)
        {
            // The same full disk; the end is kept in memory until it is released.
        }

        return new ServerRun(new RunState { Id = spec.Id, End = end });
    }

    private static HeldDirectory? Hold(RunSpec spec)
    {
        try
        {
            return HeldDirectory.Open(spec.WorkingDirectory);
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private Failure? Preflight(RunSpec spec)
    {
        const int Execute = 1;
        var sandbox = spec.Sandbox;
        if (sandbox.Mode == SandboxMode.Workspace && machine.Containment.Kind != ContainmentKind.Bubblewrap)
        {
            return new(RunEndReason.SandboxMissing, null, "The sandbox mode Workspace needs bubblewrap, which does not work on this machine.");
        }

        if (!File.Exists(spec.Program))
        {
            return Directory.Exists(spec.Program)
                ? new(RunEndReason.StartFailed, 126, "The program is a directory.")
                : new(RunEndReason.StartFailed, 127, "The program does not exist.");
        }

        if (Native.access(spec.Program, Execute) != 0)
        {
            return new(RunEndReason.StartFailed, 126, "The program is not executable for this user.");
        }

        IEnumerable<string> paths = [.. sandbox.ReadOnlyPaths, .. sandbox.WritablePaths];
        if (sandbox.Mode != SandboxMode.Workspace)
        {
            return null;
        }

        return !paths.All(Path.Exists) ? new(RunEndReason.StartFailed, null, "A path of the sandbox does not exist.")
            : !paths.Append("/tmp").Any(path => Wrapping.IsBelow(spec.WorkingDirectory, path))
                ? new(RunEndReason.StartFailed, null, "The working directory is outside of the sandbox's paths.")
                : null;
    }

    /// <summary>Why nothing ran.</summary>
    private sealed record Failure(RunEndReason Reason, int? ExitCode, string Text)
    {
        public static Failure From(IOException fault) => (fault is NativeException native ? native.Error : fault.HResult) switch
        {
            Native.NoSpace or Native.QuotaReached or Native.FileTooBig => new(RunEndReason.SpoolFull, null, "The spool's disk is full."),
            Native.TryAgain or Native.NoMemory or Native.TooManyOpen or Native.TooManyInSystem => new(RunEndReason.OutOfResources, null, fault.Message),
            Native.NoEntry => new(RunEndReason.StartFailed, 127, "The program or its interpreter does not exist."),
            Native.AccessDenied or Native.NoExecutable or Native.IsDirectory => new(RunEndReason.StartFailed, 126, fault.Message),
            _ => new(RunEndReason.StartFailed, null, fault.Message),
        };
    }
}
