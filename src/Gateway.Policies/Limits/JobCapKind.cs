namespace Gateway.Policies.Limits;

/// <summary>Which jobs a cap counts.</summary>
public enum JobCapKind
{
    /// <summary>Released to a worker and not final. Refuses no call: what is above it waits.</summary>
    Running,

    /// <summary>Not released and not final. Refuses calls above it.</summary>
    Queued,
}
