using Gateway.Jobs.Parking;

namespace Gateway.Jobs.Dispatch;

/// <summary>How many jobs the gates of credentials let go; kept up while jobs are picked.</summary>
public sealed class GateRoom
{
    private readonly Dictionary<(string Pool, string Credential), int> places;

    private GateRoom(Dictionary<(string Pool, string Credential), int> places) => this.places = places;

    /// <summary>Room as the gates leave it.</summary>
    /// <param name="gates">The gates.</param>
    /// <param name="now">Store clock.</param>
    public static GateRoom Of(IEnumerable<CredentialGate> gates, DateTimeOffset now) =>
        new(gates.ToDictionary(gate => (gate.Pool, gate.Credential), gate => gate.PlacesAt(now)));

    /// <summary>The same room, to try out what fits.</summary>
    public GateRoom Copy() => new(new(places));

    /// <summary>Whether one more job may go.</summary>
    /// <param name="pool">Its pool.</param>
    /// <param name="credential">Its credential.</param>
    public bool Has(string pool, string credential) => !places.TryGetValue((pool, credential), out var left) || left > 0;

    /// <summary>A job goes.</summary>
    /// <param name="pool">Its pool.</param>
    /// <param name="credential">Its credential.</param>
    public void Take(string pool, string credential)
    {
        if (places.TryGetValue((pool, credential), out var left) && left != int.MaxValue)
        {
            places[(pool, credential)] = left - 1;
        }
    }
}
