using System.Runtime.InteropServices;

namespace Gateway.Processes.Memory;

/// <summary>
/// The heap of the C library, from which the runtime compiles methods. What it has freed there stays in the resident set until
/// somebody asks: some megabytes after a start.
/// </summary>
internal static partial class NativeHeap
{
    private static bool isKnown = true;

    /// <summary>Gives free pages of all its parts back. Does nothing with a C library that has no such call.</summary>
    public static void Trim()
    {
        if (!isKnown)
        {
            return;
        }

        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // musl keeps nothing back.
            isKnown = false;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint keptBytes);
}
