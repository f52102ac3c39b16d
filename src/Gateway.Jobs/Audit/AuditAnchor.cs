using System.Globalization;

namespace Gateway.Jobs.Audit;

/// <summary>An end of the chain as the gateway left it: whoever cuts one off cannot make the anchor that belongs to the rest.</summary>
/// <param name="Name"><see cref="Start"/> or <see cref="Head"/>.</param>
/// <param name="Place">Behind this place the chain begins, or with it it ends.</param>
/// <param name="Mac">Keyed hash of both.</param>
public sealed record AuditAnchor(string Name, AuditHead Place, string Mac)
{
    /// <summary>What lies before was removed by retention.</summary>
    public const string Start = "start";

    /// <summary>The last link.</summary>
    public const string Head = "head";

    /// <summary>The anchor of a place.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="name">Which end.</param>
    /// <param name="place">The place.</param>
    public static AuditAnchor Of(AuditKeys keys, string name, AuditHead place) => new(name, place, keys.OfLink(Parts(name, place)));

    /// <summary>Whether a gateway has set it.</summary>
    /// <param name="keys">The keys.</param>
    public bool IsGenuine(AuditKeys keys) => keys.IsOfLink(Mac, Parts(Name, Place));

    private static string[] Parts(string name, AuditHead place) => ["anchor", name, place.Seq.ToString(CultureInfo.InvariantCulture), place.Hash];
}
