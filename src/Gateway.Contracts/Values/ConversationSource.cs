namespace Gateway.Contracts.Values;

/// <summary>Whose transcript a run goes on with. Wire format: numbers are never changed.</summary>
public enum ConversationSource
{
    /// <summary>That of an earlier attempt of the same job.</summary>
    OwnAttempt = 0,

    /// <summary>That of the session in which the job goes on.</summary>
    Session = 1,
}
