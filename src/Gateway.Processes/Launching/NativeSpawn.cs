using System.Runtime.InteropServices;

namespace Gateway.Processes.Launching;

/// <summary>
/// posix_spawn instead of System.Diagnostics.Process: it gives a child exactly the named descriptors and signal dispositions,
/// a session of its own, and shares the page tables with us until exec, so a start costs well under a millisecond.
/// </summary>
internal static unsafe partial class NativeSpawn
{
    // Larger than posix_spawnattr_t (336), posix_spawn_file_actions_t (80) and sigset_t (128) of any libc.
    private const int Opaque = 512;
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const short SetSession = 0x80;

    /// <summary>Starts the program; gives its process id.</summary>
    /// <exception cref="NativeException">It cannot be started.</exception>
    public static int Start(LaunchPlan plan)
    {
        var attributes = stackalloc byte[Opaque];
        var actions = stackalloc byte[Opaque];
        var signals = stackalloc byte[Opaque];
        _ = posix_spawnattr_init(attributes);
        _ = posix_spawn_file_actions_init(actions);
        var arguments = new NativeStrings([plan.Program, .. plan.Arguments]);
        var environment = new NativeStrings([.. plan.Environment.Select(pair => pair.Key + "=" + pair.Value)]);
        try
        {
            // .NET ignores SIGPIPE and the runner SIGINT and SIGHUP; ignored signals would outlive exec.
            _ = sigfillset(signals);
            _ = posix_spawnattr_setsigdefault(attributes, signals);
            _ = sigemptyset(signals);
            _ = posix_spawnattr_setsigmask(attributes, signals);
            _ = posix_spawnattr_setflags(attributes, SetSignalDefaults | SetSignalMask | SetSession);
            AddActions(actions, plan);
            var error = posix_spawn(out var pid, plan.Program, actions, attributes, arguments.Pointer, environment.Pointer);
            return error == 0 ? pid : throw new NativeException("start", error);
        }
        finally
        {
            arguments.Free();
            environment.Free();
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    private static void AddActions(byte* actions, LaunchPlan plan)
    {
        _ = posix_spawn_file_actions_addchdir_np(actions, plan.WorkingDirectory);

        // Our descriptors are all above 2, and the directory above 4, so no dup2 here overwrites the source of a later one.
        _ = posix_spawn_file_actions_adddup2(actions, plan.Stdin, 0);
        _ = posix_spawn_file_actions_adddup2(actions, plan.Stdout, 1);
        _ = posix_spawn_file_actions_adddup2(actions, plan.Stderr, 2);
        var firstClosed = 3;
        if (plan.Extra >= 0)
        {
            _ = posix_spawn_file_actions_adddup2(actions, plan.Extra, LaunchPlan.ExtraNumber);
            firstClosed = LaunchPlan.ExtraNumber + 1;
        }

        if (plan.Directory >= 0)
        {
            _ = posix_spawn_file_actions_adddup2(actions, plan.Directory, LaunchPlan.DirectoryNumber);
            if (plan.Extra < 0)
            {
                _ = posix_spawn_file_actions_addclose(actions, LaunchPlan.ExtraNumber);
            }

            firstClosed = LaunchPlan.DirectoryNumber + 1;
        }

        _ = posix_spawn_file_actions_addclosefrom_np(actions, firstClosed);
    }

    /// <summary>A NULL-ended array of C strings.</summary>
    private readonly struct NativeStrings
    {
        private readonly int _count;

        public NativeStrings(string[] values)
        {
            _count = values.Length;
            Pointer = (nint*)NativeMemory.AllocZeroed((nuint)(values.Length + 1), (nuint)sizeof(nint));
            for (var i = 0; i < values.Length; i++)
            {
                Pointer[i] = Marshal.StringToCoTaskMemUTF8(values[i]);
            }
        }

        public nint* Pointer { get; }

        public void Free()
        {
            for (var i = 0; i < _count; i++)
            {
                Marshal.FreeCoTaskMem(Pointer[i]);
            }

            NativeMemory.Free(Pointer);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(out int pid, string path, byte* actions, byte* attributes, nint* arguments, nint* environment);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addchdir_np(byte* actions, string path);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclose(byte* actions, int descriptor);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int from);

    [LibraryImport("libc")]
    private static partial int sigfillset(byte* signals);

    [LibraryImport("libc")]
    private static partial int sigemptyset(byte* signals);
}
