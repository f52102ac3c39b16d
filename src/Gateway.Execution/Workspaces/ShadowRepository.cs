using System.Text;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Workspaces;

/// <summary>
/// A Git directory of our own that has the objects of another one and nothing else of it: no configuration, no hooks, no
/// attributes. Files are read and written through it, so that there is no filter to run, whatever the repository says, and
/// whatever an agent does to that meanwhile.
/// </summary>
/// <param name="Path">Absolute path.</param>
internal sealed record ShadowRepository(string Path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int Sha256Chars = 64;

    /// <summary>Makes it anew.</summary>
    /// <param name="path">Absolute path; what is there goes.</param>
    /// <param name="objects">Absolute path of the other repository's objects.</param>
    /// <param name="commit">Full id of any object of it, for the kind of ids.</param>
    /// <exception cref="RunRefusedException">The path of the repository cannot be written down.</exception>
    public static ShadowRepository Make(string path, string objects, string commit)
    {
        if (objects.Any(char.IsControl) || objects.StartsWith('"'))
        {
            throw RunRefusedException.Of(FailureKinds.Rejected, "The workspace's path holds a control character. Rename it.");
        }

        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        foreach (var folder in (string[])["objects/info", "objects/pack", "refs/heads", "info"])
        {
            Directory.CreateDirectory(System.IO.Path.Combine(path, folder), OwnerOnly);
        }

        var sha256 = commit.Length == Sha256Chars;
        File.WriteAllText(System.IO.Path.Combine(path, "HEAD"), "ref: refs/heads/none\n");
        File.WriteAllText(System.IO.Path.Combine(path, "objects/info/alternates"), objects + "\n", new UTF8Encoding(false));
        File.WriteAllText(System.IO.Path.Combine(path, "config"), sha256
            ? "[core]\n\trepositoryformatversion = 1\n\tbare = false\n[extensions]\n\tobjectFormat = sha256\n"
            : "[core]\n\trepositoryformatversion = 0\n\tbare = false\n");
        return new ShadowRepository(path);
    }
}
