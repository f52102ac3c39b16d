using System.Globalization;

namespace Gateway.Execution.Providers;

/// <summary>Opens files in directories that an agent can write: it may have put a link or a pipe where a file was.</summary>
internal static class SafeFile
{
    /// <summary>Opens a plain file that others may still write.</summary>
    /// <param name="path">Real path of the file.</param>
    /// <returns>Null when it is missing, empty, or anything but a plain file at that very place.</returns>
    public static FileStream? OpenRead(string path)
    {
        try
        {
            // A pipe has no length, and opening one would wait for its writer.
            var info = new FileInfo(path);
            if (!info.Exists || info.LinkTarget is not null || info.Length == 0)
            {
                return null;
            }

            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (OpenedPath(file) == path)
            {
                return file;
            }

            file.Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // The kernel's word for what was opened: no link can be slipped in between look and open.
    private static string? OpenedPath(FileStream file) =>
        new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle().ToString(CultureInfo.InvariantCulture)}").LinkTarget;
}
