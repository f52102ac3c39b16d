using System.Security.Cryptography;
using System.Text;

namespace Gateway.Api.Auth;

/// <summary>A file that holds a secret of the gateway: made once, whole or not at all, and read only while nobody else can read it.</summary>
internal static class SecretFile
{
    private const int MostBytes = 4096;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;

    /// <summary>Makes the file where there is none, and its folder; true when this call made it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">What it will hold.</param>
    public static bool CreateOnce(string path, Func<string> text)
    {
        if (File.Exists(path))
        {
            return false;
        }

        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
        {
            CreateFolder(folder);
        }

        // Written whole under another name first: a crash in between must not leave half a secret, nor two starts two of them.
        var draft = $"{path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerFile;
        }

        try
        {
            using (var file = new FileStream(draft, options))
            {
                file.Write(Encoding.ASCII.GetBytes(text() + "\n"));
                file.Flush(flushToDisk: true);
            }

            return HardLink.TryCreate(draft, path);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>What it holds, without the blanks around it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is called in a fault.</param>
    /// <param name="orElse">What may be done instead of the right mode.</param>
    /// <exception cref="InvalidOperationException">Others can use it.</exception>
    public static string Read(string path, string what, string orElse)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerFolder) is var others && others != UnixFileMode.None)
        {
            throw new InvalidOperationException($"The {what} in {path} can be used by others ({others}). Run: chmod 600 {path} - or {orElse}.");
        }

        using var file = File.OpenRead(path);
        var bytes = new byte[(int)Math.Min(file.Length, MostBytes)];
        file.ReadExactly(bytes);
        return Encoding.ASCII.GetString(bytes).Trim();
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerFolder);
        }
    }
}
