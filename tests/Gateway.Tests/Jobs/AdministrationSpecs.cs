using Gateway.Jobs.Administration;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Reading;
using Gateway.SagaPersistence.Outbox;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Gateway.Tests.Jobs;

/// <summary>What an operator sees and does, over all tenants.</summary>
public sealed class AdministrationSpecs : IDisposable
{
    private readonly TestFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Jobs_of_all_tenants_are_listed_with_their_owners_and_acted_on_in_their_name()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var mine = await jobs.SubmitAsync(caller: new Gateway.Jobs.Caller("acme", "alice"));
        var theirs = await jobs.SubmitAsync(caller: new Gateway.Jobs.Caller("globex", "carol"));
        var desk = jobs.Get<JobAdministration>();

        var all = await desk.ListAsync(null, new JobFilter(), Token);
        var one = await desk.ListAsync("globex", new JobFilter(), Token);
        var canceled = await desk.CancelAsync(theirs, null, Token);

        Assert.Equal(["globex/carol", "acme/alice"], all.Select(job => job.Owner));
        Assert.All(all, job => Assert.Null(job.PromptPreview));
        Assert.Equal(["globex/carol"], one.Select(job => job.Owner));
        Assert.True(canceled?.Accepted);
        Assert.Null(await desk.CancelAsync(Guid.NewGuid(), null, Token));
        Assert.Equal("acme/alice", (await desk.FindAsync(mine, new ProgressQuery(0, 10), TimeSpan.Zero, Token))?.Owner);
    }

    [Fact]
    public async Task A_dead_letter_is_shown_parked_and_sent_again()
    {
        Guid job;
        await using (var nobodyReads = await new EmbeddedJobs(folder, worker: false).StartAsync())
        {
            job = await nobodyReads.SubmitAsync();
            await nobodyReads.ReadAsync(db => db.Set<OutboxRow>().ExecuteUpdateAsync(set => set.SetProperty(row => row.DeadReason, "Nobody took it.")));
        }

        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var store = jobs.Get<IAdminStore>();
        var dead = Assert.Single(await store.ListDeadAsync(0, 10, Token));
        Assert.Equal((job, "Nobody took it.", false), (dead.JobId, dead.Reason, dead.Parked));
        Assert.Contains(job.ToString(), (await store.FindDeadAsync(dead.Seq, Token))?.Body ?? "", StringComparison.Ordinal);

        Assert.True(await store.ParkAsync(dead.Seq, Act("dead-letter/park"), Token));
        Assert.True(await store.ParkAsync(dead.Seq, Act("dead-letter/park"), Token));
        Assert.True(Assert.Single(await store.ListDeadAsync(0, 10, Token)).Parked);
        Assert.Equal((0, 1), await OutboxAsync(store));
        Assert.Equal(0, (await jobs.Get<IJobQueries>().ReadFiguresAsync(EmbeddedJobs.Alice, Token)).DeadMessages);
        Assert.False(jobs.Commands.Reader.TryPeek(out _));

        Assert.True(await store.RedriveAsync(dead.Seq, Act("dead-letter/redrive"), Token));

        Assert.Equal(job, (await jobs.NextCommandAsync()).JobId);
        Assert.Empty(await store.ListDeadAsync(0, 10, Token));
        Assert.False(await store.RedriveAsync(dead.Seq, Act("dead-letter/redrive"), Token));

        // What was done is recorded with it; what was not done is not.
        var records = await jobs.ReadAsync(db => db.Audit.Where(a => a.Grant == "operator:7").OrderBy(a => a.AuditId).Select(a => new { a.Method, a.JobId }).ToListAsync());
        Assert.Equal([("dead-letter/park", job), ("dead-letter/park", job), ("dead-letter/redrive", job)], records.Select(record => (record.Method, record.JobId ?? Guid.Empty)));
    }

    private static AuditRecord Act(string method) => new() { At = DateTimeOffset.UnixEpoch, Method = method, Caller = "operator:7", Subject = "1", Decision = AuditDecisions.Allowed };

    private static async Task<(long Dead, long Parked)> OutboxAsync(IAdminStore store)
    {
        var figures = await store.ReadOutboxAsync(DateTimeOffset.UnixEpoch.AddYears(100), Token);
        return (figures.Dead, figures.Parked);
    }
}
