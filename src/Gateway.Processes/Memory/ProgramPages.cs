using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Processes.Memory;

/// <summary>
/// The resident pages of programs and libraries. Most of what a start reads of them (metadata, code that runs once) is
/// never looked at again, yet stays in the resident set. A clean page of a file can be given back at any time: who needs
/// it again gets it from the page cache in well under a microsecond.
/// </summary>
internal static partial class ProgramPages
{
    private const int DontNeed = 4;
    private const int PageBytes = 4096;
    private const int EntryBytes = sizeof(ulong);
    private const int EntriesAtOnce = 512;
    private const ulong IsPresent = 1UL << 63;
    private const ulong IsOfFile = 1UL << 61;

    /// <summary>A read-only part of a program file in memory.</summary>
    /// <param name="Start">First address.</param>
    /// <param name="End">Address after the last.</param>
    public readonly record struct Mapping(ulong Start, ulong End);

    /// <summary>All such mappings of this process.</summary>
    public static HashSet<Mapping> Find() => [.. File.ReadLines("/proc/self/maps").Select(Parse).OfType<Mapping>()];

    /// <summary>Resident bytes of this process that files or shared memory stand behind.</summary>
    public static long SharedBytes()
    {
        const int SharedField = 2;
        var fields = File.ReadAllText("/proc/self/statm").Split(' ');
        return long.Parse(fields[SharedField], CultureInfo.InvariantCulture) * PageBytes;
    }

    /// <summary>
    /// Gives the resident pages of mappings back, page by page: only those that are the file's own. A page that was written
    /// (relocated code above all) exists only in memory and is not touched.
    /// </summary>
    /// <param name="mappings">Mappings that two looks, seconds apart, found the same: none is being loaded any more.</param>
    public static void GiveBack(IEnumerable<Mapping> mappings)
    {
        using var table = File.OpenHandle("/proc/self/pagemap");
        Span<byte> entries = stackalloc byte[EntriesAtOnce * EntryBytes];
        foreach (var mapping in mappings)
        {
            GiveBack(mapping, table, entries);
        }
    }

    private static void GiveBack(Mapping mapping, SafeFileHandle table, Span<byte> entries)
    {
        var address = mapping.Start;
        while (address < mapping.End)
        {
            var wanted = (int)Math.Min(EntriesAtOnce, (mapping.End - address) / PageBytes) * EntryBytes;
            var read = RandomAccess.Read(table, entries[..wanted], (long)(address / PageBytes) * EntryBytes);
            if (read < EntryBytes)
            {
                return;
            }

            var pages = MemoryMarshal.Cast<byte, ulong>(entries[..(read / EntryBytes * EntryBytes)]);
            for (var i = 0; i < pages.Length; i++)
            {
                var first = i;
                while (i < pages.Length && (pages[i] & (IsPresent | IsOfFile)) == (IsPresent | IsOfFile))
                {
                    i++;
                }

                if (i > first)
                {
                    _ = MAdvise((nint)(address + ((ulong)first * PageBytes)), (nuint)(i - first) * PageBytes, DontNeed);
                }
            }

            address += (ulong)pages.Length * PageBytes;
        }
    }

    // "7f00a000-7f00b000 r-xp 00001000 fe:00 123   /usr/lib/x.so"
    private static Mapping? Parse(string line)
    {
        var dash = line.IndexOf('-', StringComparison.Ordinal);
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var rights = line.AsSpan(space + 1, 4);
        var isProgram = line.EndsWith(".dll", StringComparison.Ordinal) || line.EndsWith(".so", StringComparison.Ordinal) || line.Contains(".so.", StringComparison.Ordinal);
        return isProgram && rights[0] == 'r' && rights[1] == '-'
            ? new Mapping(Number(line.AsSpan(0, dash)), Number(line.AsSpan(dash + 1, space - dash - 1)))
            : null;
    }

    private static ulong Number(ReadOnlySpan<char> hex) => ulong.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MAdvise(nint start, nuint length, int advice);
}
