using Gateway.Processes.Launching;

namespace Gateway.Processes.Sandbox;

/// <summary>Walls around a short helper program that reads or writes what agents have written.</summary>
public static class ProgramWalls
{
    private static readonly Lazy<Containment> Machine = new(() => new ContainmentProbe(Launcher.Shared).Detect(null));

    /// <summary>
    /// The command that runs a program with nothing of the file system but what the sandbox names: a link that leads out of it
    /// leads nowhere. The program itself where the machine has no bubblewrap, or the mode asks for no walls.
    /// </summary>
    /// <param name="sandbox">What it may read and write.</param>
    /// <param name="program">Absolute path.</param>
    /// <param name="arguments">Arguments after the program's name.</param>
    public static (string Program, IReadOnlyList<string> Arguments) Wrap(RunSandbox sandbox, string program, IReadOnlyList<string> arguments) =>
        sandbox.Mode == SandboxMode.Workspace && Machine.Value is { Kind: ContainmentKind.Bubblewrap, Tool: { } tool }
            ? (tool, [.. Wrapping.BubblewrapProgram(sandbox, program), "--chdir", "/", "--", program, .. arguments])
            : (program, arguments);
}
