namespace Gateway.Jobs.Sessions;

/// <summary>
/// Where callers' conversations are kept. Implemented by Storage. Each question names its caller: another caller's session is found
/// as little as one that does not exist, and by the same statements.
/// </summary>
public interface ISessionStore
{
    /// <summary>A session by its id or by the CLI's own id of it; null when the caller has none.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="id">Either id.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached.</exception>
    Task<SessionRecord?> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken);

    /// <summary>The session that calls go on with when they name none; null for none.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="cli">One of <see cref="Gateway.Contracts.Values.AgentClis"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached.</exception>
    Task<SessionRecord?> FindActiveAsync(Caller caller, string cli, CancellationToken cancellationToken);

    /// <summary>The session there that was used last and has had a job; null for none.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="cli">One of <see cref="Gateway.Contracts.Values.AgentClis"/>.</param>
    /// <param name="workspace">Alias of the workspace; null for sessions without one.</param>
    /// <param name="workingDirectory">Absolute; null for sessions whose runs have a directory of their own.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached.</exception>
    Task<SessionRecord?> FindNewestAsync(Caller caller, string cli, string? workspace, string? workingDirectory, CancellationToken cancellationToken);

    /// <summary>A page of the caller's sessions, last used first.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached.</exception>
    Task<SessionPage> ListAsync(Caller caller, SessionFilter filter, CancellationToken cancellationToken);

    /// <summary>Keeps a conversation in which nothing was said yet.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Ends the attempt to store.</param>
    /// <exception cref="StoreUnavailableException">Nothing was stored.</exception>
    Task<SessionRecord> CreateAsync(Caller caller, NewSession session, CancellationToken cancellationToken);

    /// <summary>Makes a session the one that calls go on with when they name none, or sees to it that there is none.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="cli">One of <see cref="Gateway.Contracts.Values.AgentClis"/>.</param>
    /// <param name="sessionId">A session of the caller and this CLI; null for none.</param>
    /// <param name="cancellationToken">Ends the attempt to store.</param>
    /// <returns>False when the caller has no such session: nothing was changed.</returns>
    /// <exception cref="StoreUnavailableException">Nothing was changed.</exception>
    Task<bool> SetActiveAsync(Caller caller, string cli, Guid? sessionId, CancellationToken cancellationToken);

    /// <summary>Removes a session and the transcripts of its jobs, unless a job still needs it.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="sessionId">The session's own id.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StoreUnavailableException">It is there still.</exception>
    Task<SessionDeletion> DeleteAsync(Caller caller, Guid sessionId, CancellationToken cancellationToken);

    /// <summary>Removes all sessions of the caller that no job needs, with their transcripts.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="cli">One of <see cref="Gateway.Contracts.Values.AgentClis"/>; null for all.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StoreUnavailableException">All are there still.</exception>
    Task<ClearedSessions> ClearAsync(Caller caller, string? cli, CancellationToken cancellationToken);
}
