using System.Net;
using Gateway.Api.Auth;
using Gateway.Api.Auth.SignIn;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Edge;

/// <summary>Closes connections of a caller that holds too many already, before a byte of them is read. Remembers only who is connected.</summary>
internal sealed partial class AddressLimit(IOptions<LimitOptions> options, IOptions<EdgeOptions> edge, TimeProvider clock, ILogger<AddressLimit> logger)
{
    private readonly Dictionary<string, int> open = new(StringComparer.Ordinal);
    private readonly FailureTable told = new(1, TimeSpan.FromMinutes(1), clock);

    /// <summary>Lets a connection through, or closes it.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="next">Serves it.</param>
    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        var group = CallerAddress.Of(address).Group;
        if (group.Length == 0 || edge.Value.IsTrustedProxy(address))
        {
            await next(connection).ConfigureAwait(false);
            return;
        }

        if (!Enter(group))
        {
            Refuse(connection, group);
            return;
        }

        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Leave(group);
        }
    }

    private bool Enter(string group)
    {
        lock (open)
        {
            var count = open.GetValueOrDefault(group);
            if (count >= options.Value.MaxConnectionsPerAddress)
            {
                return false;
            }

            open[group] = count + 1;
            return true;
        }
    }

    private void Leave(string group)
    {
        lock (open)
        {
            if (open[group] == 1)
            {
                open.Remove(group);
            }
            else
            {
                open[group]--;
            }
        }
    }

    private void Refuse(ConnectionContext connection, string group)
    {
        if (told.WaitOf("all") is null)
        {
            told.Add("all");
            LogRefused(group, options.Value.MaxConnectionsPerAddress);
        }

        connection.Abort();
    }

    [LoggerMessage(EventId = 1681, Level = LogLevel.Warning, Message = "A connection of {Address} was closed: it holds {Limit} already (Edge:Limits:MaxConnectionsPerAddress). Said once a minute at most")]
    private partial void LogRefused(string address, int limit);
}
