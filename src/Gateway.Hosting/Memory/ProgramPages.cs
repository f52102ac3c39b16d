using System.Globalization;
using System.Runtime.InteropServices;

namespace Gateway.Hosting.Memory;

/// <summary>
/// The resident pages of programs and libraries. Most of what a start reads of them (metadata, code that runs once) is
/// never looked at again, yet stays in the resident set. A clean page of a file can be given back at any time: who needs
/// it again gets it from the page cache in well under a microsecond.
/// </summary>
internal static partial class ProgramPages
{
    private const int DontNeed = 4;
    private const string MapFile = "/proc/self/smaps";

    /// <summary>
    /// A part of a program file that is mapped and was never written: read-only, and without a page of its own. Anything
    /// else (relocated code above all) exists only in memory and is not touched.
    /// </summary>
    /// <param name="Start">First address.</param>
    /// <param name="End">Address after the last.</param>
    public readonly record struct Mapping(ulong Start, ulong End);

    /// <summary>All such mappings of this process.</summary>
    public static HashSet<Mapping> Find()
    {
        var found = new HashSet<Mapping>();
        Mapping? candidate = null;
        foreach (var line in File.ReadLines(MapFile))
        {
            if (IsHead(line))
            {
                candidate = Parse(line);
            }
            else if (candidate is { } mapping && line.StartsWith("Anonymous:", StringComparison.Ordinal))
            {
                if (line.AsSpan(10).Trim() is "0 kB")
                {
                    found.Add(mapping);
                }

                candidate = null;
            }
        }

        return found;
    }

    /// <summary>Gives the pages of mappings back.</summary>
    /// <param name="mappings">Mappings that two looks, seconds apart, found the same: none is being loaded any more.</param>
    public static void GiveBack(IEnumerable<Mapping> mappings)
    {
        foreach (var mapping in mappings)
        {
            _ = MAdvise((nint)mapping.Start, (nuint)(mapping.End - mapping.Start), DontNeed);
        }
    }

    // "7f00a000-7f00b000 r-xp 00001000 fe:00 123   /usr/lib/x.so"; the lines between heads are "Name:  value".
    private static bool IsHead(string line) => line.Length > 0 && (char.IsAsciiDigit(line[0]) || line[0] is >= 'a' and <= 'f');

    private static Mapping? Parse(string line)
    {
        var dash = line.IndexOf('-', StringComparison.Ordinal);
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var rights = line.AsSpan(space + 1, 4);
        var isProgram = line.EndsWith(".dll", StringComparison.Ordinal) || line.EndsWith(".so", StringComparison.Ordinal) || line.Contains(".so.", StringComparison.Ordinal);
        return isProgram && rights[0] == 'r' && rights[1] == '-' && rights[3] == 'p'
            ? new Mapping(Number(line.AsSpan(0, dash)), Number(line.AsSpan(dash + 1, space - dash - 1)))
            : null;
    }

    private static ulong Number(ReadOnlySpan<char> hex) => ulong.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MAdvise(nint start, nuint length, int advice);
}
