using System.Globalization;

namespace Gateway.Processes.Launching;

/// <summary>Which directory of this machine it is, by whatever name it is reached.</summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">Its number there.</param>
public readonly record struct DirectoryIdentity(ulong Device, ulong Inode)
{
    /// <summary>As <c>stat -c %d:%i</c> writes it: the device's two numbers in the one that programs know.</summary>
    public string ToMark()
    {
        var (major, minor) = (Device >> 32, Device & 0xffff_ffff);
        var device = ((major & ~0xfffUL) << 32) | ((major & 0xfff) << 8) | ((minor & ~0xffUL) << 12) | (minor & 0xff);
        return string.Create(CultureInfo.InvariantCulture, $"{device}:{Inode}");
    }
}
