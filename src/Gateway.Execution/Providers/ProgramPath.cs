using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers;

/// <summary>Finds the program of a CLI as its runs would.</summary>
internal static class ProgramPath
{
    /// <summary>The absolute path of a program.</summary>
    /// <param name="program">An absolute path, or a name.</param>
    /// <param name="searchPath">Directories, divided by colons, in which a name is looked for.</param>
    /// <param name="provider">The provider whose program it is.</param>
    /// <exception cref="RunRefusedException">There is no program of that name: <c>cli_missing</c>.</exception>
    public static string Of(string program, string searchPath, string provider) => Path.IsPathRooted(program)
        ? program
        : searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists)
            ?? throw new RunRefusedException(OutcomeJudge.Missing(provider, 127)) { ExitCode = 127 };
}
