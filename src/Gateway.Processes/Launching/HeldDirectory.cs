using System.Globalization;

namespace Gateway.Processes.Launching;

/// <summary>
/// A directory held by a descriptor: it stays the same one, whatever becomes of its name. Its path is gone down part by
/// part and no link is followed, so somebody who swaps a directory for a link in between gets nothing but a refusal.
/// </summary>
public sealed class HeldDirectory : IDisposable
{
    private HeldDirectory(string path, int descriptor)
    {
        (Path, Descriptor) = (path, descriptor);
        (Identity, Owner) = Native.FactsOf(descriptor);
    }

    /// <summary>Where it is, or was when it was opened: absolute, and without any link.</summary>
    public string Path { get; }

    /// <summary>Which one it is.</summary>
    public DirectoryIdentity Identity { get; }

    /// <summary>User who owns it.</summary>
    internal uint Owner { get; }

    /// <summary>For starting in it and comparing with it; nothing can be read through it.</summary>
    internal int Descriptor { get; }

    /// <summary>A path of this process, and of a child before it executes its program, that leads to this very directory.</summary>
    public string HandlePath => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{Descriptor}");

    /// <summary>Takes hold of a directory.</summary>
    /// <param name="path">Absolute path without links.</param>
    /// <returns>Null when a part of it is missing, a link or no directory, or was moved meanwhile.</returns>
    /// <exception cref="UnauthorizedAccessException">A part may not be entered.</exception>
    /// <exception cref="IOException">The machine has no descriptors left.</exception>
    public static HeldDirectory? Open(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (!System.IO.Path.IsPathRooted(path) || parts.Any(part => part is "." or ".."))
        {
            return null;
        }

        var descriptor = Native.OpenFolder(Native.NoFolder, "/");
        foreach (var part in parts)
        {
            if (descriptor < 0)
            {
                break;
            }

            var above = descriptor;
            descriptor = Native.OpenFolder(above, part);
            Native.Close(above);
        }

        return descriptor >= 0 ? Hold("/" + string.Join('/', parts), descriptor) : -descriptor switch
        {
            Native.NoEntry or Native.NotDirectory or Native.TooManyLinks or Native.NameTooLong => null,
            Native.AccessDenied => throw new UnauthorizedAccessException("A part of the path may not be entered."),
            var error => throw new NativeException("open", error),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => Native.Close(Descriptor);

    // A part that was moved while we were below it would have taken us along: the kernel says where we are.
    private static HeldDirectory? Hold(string path, int descriptor)
    {
        var held = new HeldDirectory(path, Native.Above(descriptor, LaunchPlan.DirectoryNumber));
        if (new FileInfo(held.HandlePath).LinkTarget == path)
        {
            return held;
        }

        held.Dispose();
        return null;
    }
}
