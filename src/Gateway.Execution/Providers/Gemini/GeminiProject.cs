using System.Text;
using System.Text.Json;
using Gateway.Execution.Workspaces;

namespace Gateway.Execution.Providers.Gemini;

/// <summary>
/// The folder in which Gemini CLI keeps the conversations of one working directory. Its name is the CLI's to choose, unless the
/// directory is registered: then it is the registered one, if that folder says whose it is.
/// </summary>
internal static class GeminiProject
{
    private const string Name = "gateway";

    /// <summary>The folder.</summary>
    /// <param name="directories">Where the run works and lives.</param>
    public static string FolderOf(RunDirectories directories) => Path.Combine(directories.Config, "tmp", Name);

    /// <summary>Registers the working directory in a home that is the job's own.</summary>
    /// <param name="directories">Where the run works and lives.</param>
    public static void Register(RunDirectories directories)
    {
        SafeFile.MakeFolders(directories.Config, FolderOf(directories));
        var registry = "{\"projects\":{\"" + JsonEncodedText.Encode(directories.Work) + "\":\"" + Name + "\"}}";
        SafeFile.TryReplace(directories.Config, "projects.json", Encoding.UTF8.GetBytes(registry));
        SafeFile.TryReplace(FolderOf(directories), ".project_root", Encoding.UTF8.GetBytes(directories.Work));
    }
}
