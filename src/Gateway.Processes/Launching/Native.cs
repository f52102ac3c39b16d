using System.Runtime.InteropServices;

namespace Gateway.Processes.Launching;

/// <summary>The few Linux calls that .NET has no road to. Constants are those of glibc and musl on x64 and arm64.</summary>
internal static unsafe partial class Native
{
    public const int SignalHangUp = 1;
    public const int SignalInterrupt = 2;
    public const int SignalKill = 9;
    public const int SignalTerminate = 15;
    public const int SignalFileSize = 25;

    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int TooBig = 7;
    public const int TryAgain = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int TooManyInSystem = 23;
    public const int TooManyOpen = 24;
    public const int FileTooBig = 27;
    public const int NoSpace = 28;
    public const int NoExecutable = 8;
    public const int NameTooLong = 36;
    public const int TooManyLinks = 40;
    public const int QuotaReached = 122;

    /// <summary>Stands for the folder of an absolute path.</summary>
    public const int NoFolder = -100;

    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Truncate = 0x200;
    public const int Append = 0x400;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;

    public const short PollIn = 1;
    public const short PollOut = 4;
    public const short PollError = 8;
    public const short PollHangUp = 16;

    public const int OwnerOnlyFile = 0x180;

    private const int PidFdOpenCall = 434;
    private const int PidFdSendSignalCall = 424;
    private const int PipeUnread = 0x541B;

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Seen;

        public PollEntry(int descriptor, short events)
        {
            Descriptor = descriptor;
            Events = events;
            Seen = 0;
        }
    }

    /// <summary>Waits for any of the entries; true unless the time ran out. A signal to this thread counts as time out.</summary>
    public static bool Poll(Span<PollEntry> entries, int timeoutMilliseconds)
    {
        fixed (PollEntry* first = entries)
        {
            return poll(first, (nuint)entries.Length, timeoutMilliseconds) > 0;
        }
    }

    public static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        if (pipe2(ends, CloseOnExec) != 0)
        {
            throw new NativeException("pipe", Marshal.GetLastPInvokeError());
        }

        return (ends[0], ends[1]);
    }

    public static int Open(string path, int flags, int mode = OwnerOnlyFile)
    {
        var descriptor = open(path, flags | CloseOnExec, mode);
        return descriptor >= 0 ? descriptor : throw new NativeException("open", Marshal.GetLastPInvokeError());
    }

    /// <summary>Holds a folder that lies in a held one and is no link, without reading it. Minus the error number when it cannot be held.</summary>
    public static int OpenFolder(int folder, string name)
    {
        const int PathOnly = 0x200000;

        // The two flags differ between processors.
        var (isFolder, noLink) = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? (0x4000, 0x8000) : (0x10000, 0x20000);
        var descriptor = openat(folder, name, PathOnly | isFolder | noLink | CloseOnExec, 0);
        return descriptor >= 0 ? descriptor : -Marshal.GetLastPInvokeError();
    }

    /// <summary>The same open file under a number above another one; the descriptor that was given is closed if it is not.</summary>
    /// <exception cref="NativeException">No descriptors are left.</exception>
    public static int Above(int descriptor, int number)
    {
        const int DuplicateCloseOnExec = 1030;
        if (descriptor > number)
        {
            return descriptor;
        }

        var moved = fcntl(descriptor, DuplicateCloseOnExec, number + 1);
        var error = Marshal.GetLastPInvokeError();
        Close(descriptor);
        return moved >= 0 ? moved : throw new NativeException("duplicate", error);
    }

    /// <summary>Which file or folder a descriptor holds, and who owns it.</summary>
    /// <exception cref="NativeException">It is no descriptor.</exception>
    public static (DirectoryIdentity Identity, uint Owner) FactsOf(int descriptor)
    {
        const int EmptyPath = 0x1000;
        const uint OwnerAndInode = 0x8 | 0x100;
        var facts = stackalloc byte[256];
        if (statx(descriptor, string.Empty, EmptyPath, OwnerAndInode, facts) != 0)
        {
            throw new NativeException("look", Marshal.GetLastPInvokeError());
        }

        var device = ((ulong)*(uint*)(facts + 136) << 32) | *(uint*)(facts + 140);
        return (new DirectoryIdentity(device, *(ulong*)(facts + 32)), *(uint*)(facts + 20));
    }

    public static int WakeDescriptor()
    {
        var descriptor = eventfd(0, CloseOnExec | NonBlocking);
        return descriptor >= 0 ? descriptor : throw new NativeException("eventfd", Marshal.GetLastPInvokeError());
    }

    public static void Wake(int descriptor)
    {
        ulong one = 1;
        _ = write(descriptor, &one, sizeof(ulong));
    }

    public static void ClearWake(int descriptor)
    {
        ulong count;
        _ = read(descriptor, &count, sizeof(ulong));
    }

    /// <summary>Bytes read, 0 at the end of the stream, or minus the error number.</summary>
    public static int Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var count = read(descriptor, start, (nuint)buffer.Length);
            return count >= 0 ? (int)count : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Bytes written, or minus the error number.</summary>
    public static int Write(int descriptor, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var count = write(descriptor, start, (nuint)buffer.Length);
            return count >= 0 ? (int)count : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Bytes that wait in a pipe.</summary>
    public static int Unread(int descriptor)
    {
        int count;
        return ioctl(descriptor, PipeUnread, &count) == 0 ? count : 0;
    }

    public static void SetNonBlocking(int descriptor) => _ = fcntl(descriptor, 4, NonBlocking);

    public static void Close(int descriptor)
    {
        if (descriptor >= 0)
        {
            _ = close(descriptor);
        }
    }

    /// <summary>A descriptor that becomes readable when the process ends; negative when there is no such process.</summary>
    public static int OpenProcess(int pid) => (int)syscall(PidFdOpenCall, pid, 0, 0, 0);

    public static void SignalProcess(int processDescriptor, int signal) => _ = syscall(PidFdSendSignalCall, processDescriptor, signal, 0, 0);

    /// <summary>Whether an ended, not yet reaped child died by a signal.</summary>
    public static bool EndedBySignal(int pid)
    {
        const int ById = 1;
        const int EndedLeaveZombie = 4 | 1 | 0x1000000;
        const int Exited = 1;
        var facts = stackalloc byte[256];
        return waitid(ById, pid, facts, EndedLeaveZombie) == 0 && *(int*)(facts + 8) != Exited;
    }

    /// <summary>Owner of a file or folder; null when it cannot be asked.</summary>
    public static uint? OwnerOf(string path)
    {
        var facts = stackalloc byte[256];
        return statx(NoFolder, path, 0, 0x8, facts) == 0 ? *(uint*)(facts + 20) : null;
    }

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int waitpid(int pid, out int status, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitid(int kind, int pid, byte* facts, int options);

    [LibraryImport("libc")]
    internal static partial uint geteuid();

    [LibraryImport("libc")]
    internal static partial uint umask(uint mask);

    [LibraryImport("libc")]
    internal static partial nint signal(int number, nint handler);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int access(string path, int mode);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int flock(int descriptor, int operation);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int dup2(int from, int to);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ftruncate(int descriptor, nint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint opendir(string path);

    [LibraryImport("libc")]
    internal static partial byte* readdir(nint directory);

    [LibraryImport("libc")]
    internal static partial int closedir(nint directory);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int open(byte* path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollEntry* entries, nuint count, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat(int folder, string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint value, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, int* value);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, byte* facts);
}
