namespace Gateway.Jobs.Sessions;

/// <summary>What became of the wish to remove a session.</summary>
public abstract record SessionDeletion
{
    private SessionDeletion()
    {
    }

    /// <summary>The caller has no such session.</summary>
    public sealed record Unknown : SessionDeletion;

    /// <summary>It is there still: a job needs it.</summary>
    /// <param name="JobId">A job that is not final, of the session or of a fork of it.</param>
    public sealed record InUse(Guid JobId) : SessionDeletion;

    /// <summary>It is gone.</summary>
    /// <param name="Session">As it was.</param>
    public sealed record Deleted(SessionRecord Session) : SessionDeletion;
}
