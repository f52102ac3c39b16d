using System.Runtime.InteropServices;

namespace Gateway.FakeAgent.Platform;

/// <summary>The few system calls that .NET hides: real descriptors, real signals, an exit that waits for nothing.</summary>
internal static partial class Native
{
    private const int Interrupted = 4;

    // O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, equal on x64 and arm64.
    private const int AppendFlags = 0x1 | 0x40 | 0x400 | 0x80000;

    public static int Read(int descriptor, Span<byte> buffer)
    {
        while (true)
        {
            var count = (int)ReadCore(descriptor, buffer, (nuint)buffer.Length);
            if (count >= 0 || Marshal.GetLastPInvokeError() != Interrupted)
            {
                return count;
            }
        }
    }

    /// <summary>Writes all of it; false when nobody reads any more.</summary>
    public static bool Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = (int)WriteCore(descriptor, bytes, (nuint)bytes.Length);
            if (count >= 0)
            {
                bytes = bytes[count..];
            }
            else if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>One write with O_APPEND, so that lines of many processes never mix.</summary>
    public static void Append(string path, ReadOnlySpan<byte> bytes, int mode = 0x1B6)
    {
        var descriptor = Open(path, AppendFlags, mode);
        if (descriptor < 0 || !Write(descriptor, bytes))
        {
            throw new IOException($"Cannot append to {path}: error {Marshal.GetLastPInvokeError()}.");
        }

        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void Exit(int code);

    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int ParentId();

    [LibraryImport("libc", EntryPoint = "getuid")]
    public static partial uint UserId();

    [LibraryImport("libc", EntryPoint = "getsid")]
    public static partial int SessionId(int pid);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadCore(int descriptor, Span<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteCore(int descriptor, ReadOnlySpan<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);
}
