namespace Gateway.Jobs.Audit;

/// <summary>Reads the ends of the chain.</summary>
public static class AuditEnds
{
    /// <summary>The place of an anchor; before the first link when there is none.</summary>
    /// <param name="anchors">What is stored.</param>
    /// <param name="name">Which end.</param>
    /// <param name="keys">The keys.</param>
    /// <exception cref="AuditBrokenException">Nobody who has the keys has set it.</exception>
    public static AuditHead PlaceOf(IEnumerable<AuditAnchor> anchors, string name, AuditKeys keys)
    {
        if (anchors.FirstOrDefault(anchor => anchor.Name == name) is not { } found)
        {
            return AuditHead.None;
        }

        return found.IsGenuine(keys) ? found.Place : throw new AuditBrokenException(keys.Knows(AuditKeys.IdOf(found.Mac))
            ? $"The {name} of the chain over the audit log was changed in the database."
            : $"The {name} of the chain over the audit log was set under the key {AuditKeys.IdOf(found.Mac)}, which this gateway does not have. Give all gateways on one database the same file (Audit:KeyFile), and leave old keys in it.");
    }
}
