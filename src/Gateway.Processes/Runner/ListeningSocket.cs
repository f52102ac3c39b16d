using System.Runtime.InteropServices;
using System.Text;
using Gateway.Processes.Launching;

namespace Gateway.Processes.Runner;

/// <summary>The runner's Unix socket, without System.Net.Sockets: its engine would bring threads and memory that one poll loop does not need.</summary>
internal sealed unsafe partial class ListeningSocket : IDisposable
{
    private const int Unix = 1;
    private const int Stream = 1;
    private const int PathOffset = 2;
    private const int AddressBytes = 110;
    private readonly string _path;

    private ListeningSocket(int descriptor, string path) => (Descriptor, _path) = (descriptor, path);

    public int Descriptor { get; }

    /// <summary>Listens at a path; a stale socket there is removed, since only the holder of the folder's lock comes here.</summary>
    /// <exception cref="NativeException">It cannot listen there.</exception>
    public static ListeningSocket Listen(string path)
    {
        File.Delete(path);
        var descriptor = Open();
        fixed (byte* address = Address(path))
        {
            if (bind(descriptor, address, AddressBytes) != 0 || listen(descriptor, 16) != 0)
            {
                var error = Marshal.GetLastPInvokeError();
                Native.Close(descriptor);
                throw new NativeException("listen", error);
            }
        }

        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new ListeningSocket(descriptor, path);
    }

    /// <summary>Whether someone listens at a path.</summary>
    public static bool Answers(string path)
    {
        var descriptor = Open();
        try
        {
            fixed (byte* address = Address(path))
            {
                return connect(descriptor, address, AddressBytes) == 0;
            }
        }
        finally
        {
            Native.Close(descriptor);
        }
    }

    /// <summary>The next connection of our own user (or root); null when there is none. Others are closed unheard.</summary>
    public int? Accept()
    {
        const int SocketLevel = 1;
        const int PeerCredentials = 17;
        var credentials = stackalloc uint[3];
        var length = 12u;
        while (true)
        {
            var descriptor = accept4(Descriptor, null, null, Native.CloseOnExec | Native.NonBlocking);
            if (descriptor < 0)
            {
                return null;
            }

            if (getsockopt(descriptor, SocketLevel, PeerCredentials, credentials, &length) == 0
                && (credentials[1] == Native.geteuid() || credentials[1] == 0))
            {
                return descriptor;
            }

            Native.Close(descriptor);
        }
    }

    public void Dispose()
    {
        try
        {
            File.Delete(_path);
        }
        catch (IOException)
        {
            // The whole folder was removed under us; so is the socket.
        }

        Native.Close(Descriptor);
    }

    private static int Open()
    {
        var descriptor = socket(Unix, Stream | Native.CloseOnExec | Native.NonBlocking, 0);
        return descriptor >= 0 ? descriptor : throw new NativeException("socket", Marshal.GetLastPInvokeError());
    }

    private static byte[] Address(string path)
    {
        var address = new byte[AddressBytes];
        address[0] = Unix;
        Encoding.UTF8.GetBytes(path, address.AsSpan(PathOffset));
        return address;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int descriptor, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int listen(int descriptor, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int descriptor, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(int descriptor, byte* address, uint* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int descriptor, int level, int name, uint* value, uint* length);
}
