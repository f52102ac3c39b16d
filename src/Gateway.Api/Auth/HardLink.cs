using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Gateway.Api.Auth;

/// <summary>
/// Gives a file a second name, which fails where the name is taken: <see cref="File.Move(string, string, bool)"/> looks first and
/// renames then, so of two starts at once the later would put its key in place of one that is in use already.
/// </summary>
internal static partial class HardLink
{
    private const int NameIsTaken = 17;

    /// <summary>Puts the file under its new name as well; false when something has that name.</summary>
    /// <exception cref="IOException">It could not be done for another reason.</exception>
    public static bool TryCreate(string file, string name)
    {
        if (OperatingSystem.IsWindows())
        {
            return TryMove(file, name);
        }

        if (Link(file, name) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == NameIsTaken ? false : throw new IOException($"{name} could not be made: {new Win32Exception(error).Message}.");
    }

    private static bool TryMove(string file, string name)
    {
        try
        {
            File.Move(file, name, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(name))
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string file, string name);
}
