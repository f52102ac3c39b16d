using System.Globalization;
using Gateway.Processes.Launching;

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

    /// <summary>Puts a plain file of mode 0600 into a directory, in place of whatever has its name there.</summary>
    /// <param name="folder">Real path of the directory.</param>
    /// <param name="name">Name of the file.</param>
    /// <param name="content">All that is in it.</param>
    /// <returns>False when the directory is missing, or is reached through a link by now.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static bool TryReplace(string folder, string name, ReadOnlyMemory<byte> content) => TryReplace(folder, name, file => file.Write(content.Span));

    /// <summary>The same for a content that is not held in memory.</summary>
    /// <param name="folder">Real path of the directory.</param>
    /// <param name="name">Name of the file.</param>
    /// <param name="write">Writes all that is in it.</param>
    /// <returns>False when the directory is missing, or is reached through a link by now.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static bool TryReplace(string folder, string name, Action<Stream> write)
    {
        // Through the descriptor: whatever becomes of the directory's name meanwhile, this very one is written to.
        using var held = HeldDirectory.Open(folder);
        if (held is null)
        {
            return false;
        }

        var fresh = Path.Combine(held.HandlePath, $".{name}.{Guid.NewGuid():n}");
        using (var file = new FileStream(fresh, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            write(file);
        }

        var target = new DirectoryInfo(Path.Combine(held.HandlePath, name));
        if (target is { Exists: true, LinkTarget: null })
        {
            target.Delete(recursive: true);
        }

        // A rename replaces a link itself, never what it leads to.
        File.Move(fresh, target.FullName, overwrite: true);
        return true;
    }

    /// <summary>Makes folders of mode 0700 one below the other, each in place of whatever else has its name there.</summary>
    /// <param name="root">Real path of a directory that is there.</param>
    /// <param name="folder">Path of the lowest one, below the root.</param>
    /// <exception cref="IOException">One cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">One may not be made.</exception>
    public static void MakeFolders(string root, string folder)
    {
        var path = root;
        foreach (var part in Path.GetRelativePath(root, folder).Split('/'))
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path) is { LinkTarget: not null } or { Exists: true })
            {
                File.Delete(path);
            }

            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    // The kernel's word for what was opened: no link can be slipped in between look and open.
    private static string? OpenedPath(FileStream file) =>
        new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle().ToString(CultureInfo.InvariantCulture)}").LinkTarget;
}
