using System.Text;

namespace Gateway.Cli.Audit;

/// <summary>Where an export goes.</summary>
internal static class AuditFile
{
    /// <summary>A new file of mode 0600, or standard output.</summary>
    /// <param name="path">The file; null for standard output.</param>
    /// <exception cref="IOException">There is such a file already.</exception>
    public static TextWriter Open(string? path)
    {
        if (path is null)
        {
            return new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false));
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new StreamWriter(path, new UTF8Encoding(false), options);
    }
}
