using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Hosting.Operators;

/// <summary>The operator's door: a Unix socket in the data folder that only its owner can open.</summary>
public static class AdminSocket
{
    /// <summary>Its name in the data folder.</summary>
    public const string FileName = "admin.sock";

    // SOL_SOCKET and SO_PEERCRED of Linux: pid, uid and gid of who connected, from the kernel.
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int CredentialsBytes = 12;

    /// <summary>Listens on the socket beside the addresses that are set already.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="folder">The data folder.</param>
    /// <param name="newestHasIt">
    /// True where a successor may start while its predecessor still ends, as workers do: the door is then the newest process's. False: a
    /// start fails while another process answers.
    /// </param>
    public static void AddAdminSocket(this WebApplicationBuilder builder, string folder, bool newestHasIt = false)
    {
        var urls = builder.WebHost.GetSetting(WebHostDefaults.ServerUrlsKey);
        builder.WebHost.UseUrls($"{urls};http://unix:{Path.Combine(folder, FileName)}");
        builder.Services.Configure<SocketTransportOptions>(transport =>
        {
            var others = transport.CreateBoundListenSocket;
            transport.CreateBoundListenSocket = endpoint => endpoint is UnixDomainSocketEndPoint unix ? newestHasIt ? BindOver(unix) : BindAlone(unix) : others(endpoint);
        });
    }

    /// <summary>The user at the other end; null when the call did not come through a Unix socket.</summary>
    /// <param name="context">The call.</param>
    public static int? PeerOf(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is not { AddressFamily: AddressFamily.Unix } socket)
        {
            return null;
        }

        Span<byte> credentials = stackalloc byte[CredentialsBytes];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return BitConverter.ToInt32(credentials[4..]);
    }

    // Whoever ends removes the name that it bound: under one of its own, it cannot remove its successor's door.
    private static Socket BindOver(UnixDomainSocketEndPoint endpoint)
    {
        var own = $"{endpoint}.{Environment.ProcessId}";
        File.Delete(own);
        var socket = Bind(new UnixDomainSocketEndPoint(own));
        File.Move(own, endpoint.ToString(), overwrite: true);
        return socket;
    }

    private static Socket BindAlone(UnixDomainSocketEndPoint endpoint)
    {
        var path = endpoint.ToString();
        if (File.Exists(path))
        {
            RemoveStale(endpoint, path);
        }

        return Bind(endpoint);
    }

    private static Socket Bind(UnixDomainSocketEndPoint endpoint)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(endpoint);
        // Nobody can connect before the server listens, which it does after this.
        File.SetUnixFileMode(endpoint.ToString(), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return socket;
    }

    // A gateway that was killed leaves its socket; one that lives would lose its own.
    private static void RemoveStale(UnixDomainSocketEndPoint endpoint, string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endpoint);
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new IOException($"Another gateway answers on {FileName} of this data folder. Stop it, or give this one a data folder of its own with the setting 'Data:Folder'.");
    }
}
