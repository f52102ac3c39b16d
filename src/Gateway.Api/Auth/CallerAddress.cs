using System.Net;
using System.Net.Sockets;

namespace Gateway.Api.Auth;

/// <summary>Where a call comes from: its connection, or what a named proxy says of it.</summary>
/// <param name="Full">The address; empty for a call that came through a Unix socket.</param>
/// <param name="Group">What one caller can hold: an IPv4 address, of IPv6 the network of 64 bits, in which everybody has addresses without number.</param>
internal readonly record struct CallerAddress(string Full, string Group)
{
    private const int NetworkBytes = 8;

    /// <summary>The address of a call.</summary>
    public static CallerAddress Of(HttpContext context) => Of(context.Connection.RemoteIpAddress);

    /// <summary>An address as it is counted.</summary>
    public static CallerAddress Of(IPAddress? address)
    {
        if (address is null)
        {
            return new CallerAddress("", "");
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return new CallerAddress(plain.ToString(), plain.AddressFamily == AddressFamily.InterNetworkV6 ? NetworkOf(plain) : plain.ToString());
    }

    private static string NetworkOf(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
