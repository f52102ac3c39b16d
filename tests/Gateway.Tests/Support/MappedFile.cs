using System.Globalization;
using System.Runtime.InteropServices;
using Xunit;

namespace Gateway.Tests.Support;

/// <summary>A file in memory as a loader maps a program: private, written here and there, then read-only. Page N is full of the byte N.</summary>
internal sealed partial class MappedFile : IDisposable
{
    public const int PageBytes = 4096;

    private const int Read = 1;
    private const int Write = 2;
    private const int Private = 2;

    private readonly TestFolder folder = new();
    private readonly int pages;
    private readonly nint start;

    public MappedFile(string name, int pages, bool writable = false, params int[] written)
    {
        this.pages = pages;
        var path = folder.File(name);
        using (var file = File.Create(path))
        {
            for (var page = 0; page < pages; page++)
            {
                file.Write([.. Enumerable.Repeat((byte)page, PageBytes)]);
            }
        }

        using var opened = File.OpenHandle(path);
        start = Map(0, Length, Read | Write, Private, (int)opened.DangerousGetHandle(), 0);
        Assert.NotEqual(-1, start);
        foreach (var page in written)
        {
            Marshal.WriteByte(start, page * PageBytes, 255);
        }

        if (!writable)
        {
            Assert.Equal(0, Protect(start, Length, Read));
        }
    }

    public ulong Start => (ulong)start;

    /// <summary>Pages of it that are in this process's memory.</summary>
    public int Resident
    {
        get
        {
            var first = start.ToString("x", CultureInfo.InvariantCulture) + "-";
            var line = File.ReadLines("/proc/self/smaps").SkipWhile(line => !line.StartsWith(first, StringComparison.Ordinal)).First(line => line.StartsWith("Rss:", StringComparison.Ordinal));
            return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / PageBytes;
        }
    }

    private nuint Length => (nuint)(pages * PageBytes);

    /// <summary>Reads the first byte of every page.</summary>
    public byte[] Touch() => [.. Enumerable.Range(0, pages).Select(page => Marshal.ReadByte(start, page * PageBytes))];

    public void Dispose()
    {
        _ = Unmap(start, Length);
        folder.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int rights, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int rights);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
