using Gateway.Jobs;
using Gateway.Jobs.Sessions;

namespace Gateway.Tests.Api;

/// <summary>Conversations in memory: enough to see what the edge makes of them.</summary>
internal sealed class FakeSessionStore : ISessionStore
{
    private readonly List<(Caller Owner, SessionRecord Session)> sessions = [];

    /// <summary>A conversation of somebody that has had a job.</summary>
    public SessionRecord Add(Caller owner, string cli = "claude", Func<SessionRecord, SessionRecord>? change = null)
    {
        var now = DateTimeOffset.UnixEpoch.AddMinutes(sessions.Count);
        var session = new SessionRecord { Id = Guid.NewGuid(), Cli = cli, CreatedAt = now, LastUsedAt = now, JobCount = 1, HasBegun = true };
        session = change?.Invoke(session) ?? session;
        sessions.Add((owner, session));
        return session;
    }

    public bool Has(Caller caller, Guid id) => Of(caller).Any(s => s.Id == id);

    public Task<SessionRecord?> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        Task.FromResult(Of(caller).FirstOrDefault(s => s.Id == id || s.ProviderSessionId == id.ToString("d")));

    public Task<SessionRecord?> FindActiveAsync(Caller caller, string cli, CancellationToken cancellationToken) =>
        Task.FromResult(Of(caller).FirstOrDefault(s => s.Cli == cli && s.IsActive));

    public Task<SessionRecord?> FindNewestAsync(Caller caller, string cli, string? workspace, string? workingDirectory, CancellationToken cancellationToken) =>
        Task.FromResult(Of(caller).Where(s => s.Cli == cli && s.WorkingDirectory == workingDirectory && s.JobCount > 0).MaxBy(s => s.LastUsedAt));

    public Task<SessionPage> ListAsync(Caller caller, SessionFilter filter, CancellationToken cancellationToken) =>
        Task.FromResult(new SessionPage(0, [], new Dictionary<string, Guid>(), null));

    public Task<SessionRecord> CreateAsync(Caller caller, NewSession session, CancellationToken cancellationToken) =>
        Task.FromResult(Add(caller, session.Cli, made => made with { Description = session.Description, IsActive = session.SetAsActive, JobCount = 0, HasBegun = false }));

    public Task<bool> SetActiveAsync(Caller caller, string cli, Guid? sessionId, CancellationToken cancellationToken) => Task.FromResult(true);

    public Task<SessionDeletion> DeleteAsync(Caller caller, Guid sessionId, CancellationToken cancellationToken) => Task.FromResult<SessionDeletion>(new SessionDeletion.Unknown());

    public Task<ClearedSessions> ClearAsync(Caller caller, string? cli, CancellationToken cancellationToken) => Task.FromResult(default(ClearedSessions));

    private IEnumerable<SessionRecord> Of(Caller caller) => sessions.Where(one => one.Owner == caller).Select(one => one.Session);
}
