using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Output;
using Gateway.Jobs.Reading;
using Gateway.Tests.Jobs;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>What the store keeps of workspaces and worktrees.</summary>
public sealed class StoredWorkspaceSpecs : IAsyncLifetime
{
    private static readonly Guid Worker = Guid.NewGuid();
    private readonly StoreBench bench = new();

    private EmbeddedJobs Jobs => bench.Jobs;

    public async ValueTask InitializeAsync() => await bench.StartAsync();

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task A_job_is_found_by_its_workspace_and_its_worker_is_told_the_names_of_its_places()
    {
        var places = new RunPlaces
        {
            Work = new RunPlace { Workspace = "shop", Path = "src" },
            Worktree = new RunWorktree { Ref = "main" },
            AddDirs = [new RunPlace { Path = "/srv/x" }],
        };
        var id = await Jobs.SubmitAsync(EmbeddedJobs.Request() with { Workspace = "shop", WorkingDirectory = "/srv/shop/src", Places = places }, Bench.Me);
        await Jobs.SubmitAsync(EmbeddedJobs.Request(), Bench.Me);
        var grant = (await Jobs.ClaimAsync(id, 1, Worker)).Granted!.Grant;

        var name = Gateway.Jobs.JobIdText.Format(id);
        Assert.Equal((places.Work, name, "main"), (grant.Places?.Work, grant.Places?.Worktree?.Name, grant.Places?.Worktree?.Ref));
        Assert.Equal(places.AddDirs, grant.Places?.AddDirs);
        var listed = (await bench.CallAsync(Bench.Me, "llm_job_list", """{"workspace":"SHOP"}""")).Succeeds().Record.GetProperty("jobs");
        Assert.Equal("shop", Assert.Single(listed.EnumerateArray()).GetProperty("workspace").GetString());
    }

    [Fact]
    public async Task What_a_run_changed_is_shown_with_its_diff_and_only_if_it_is_what_it_says()
    {
        var id = await Jobs.SubmitAsync(EmbeddedJobs.Request(), Bench.Me);
        await Jobs.ClaimAsync(id, 1, Worker);
        await Jobs.Get<IOutputStore>().AppendAsync(
            new RunOutput { JobId = id, Attempt = 1, WorkerId = Worker, Epoch = 1, Stream = OutputStream.Diff, Offset = 0, Bytes = "+ü\n"u8.ToArray() }, CancellationToken.None);
        var change = new WorktreeChange { Name = "n", Branch = "gateway/n", BaseCommit = new string('a', 40), ChangedFiles = 1, Insertions = 1 };
        var first = LifecycleSpecs.Failed(id, 1, Worker, 1, again: true);
        await Jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, first with { Result = first.Result with { Worktree = change } });
        await Jobs.ClaimAsync(id, 2, Worker);
        var second = LifecycleSpecs.Completed(id, 2, Worker, 1);
        await Jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, second with { Result = second.Result with { Worktree = change with { Branch = "a\u001b[31m" } } });

        var job = Gateway.Jobs.JobIdText.Format(id);
        var earlier = (await bench.CallAsync(Bench.Me, "llm_job_result", $$"""{"jobId":"{{job}}","attempt":1,"includeDiff":true}""")).Succeeds().Record.GetProperty("worktree");
        Assert.Equal(("gateway/n", 4, "+ü\n"), (earlier.GetProperty("branch").GetString(), earlier.GetProperty("diffBytes").GetInt32(), earlier.GetProperty("diff").GetString()));
        Assert.False((await bench.CallAsync(Bench.Me, "llm_job_result", $$"""{"jobId":"{{job}}"}""")).Succeeds().Record.TryGetProperty("worktree", out _));
    }

    [Fact]
    public async Task What_a_worker_said_of_its_workspaces_stays_until_it_says_something_else()
    {
        await BeatAsync([new WorkspaceReport { Alias = "shop", Kind = "git", Branch = "main", Dirty = true }, new WorkspaceReport { Alias = "odd", Kind = "/etc", Branch = "a\n" }]);
        await BeatAsync(null);
        var seen = await Jobs.Get<JobReader>().ReadWorkspacesAsync(CancellationToken.None);
        Assert.Equal(
            [("w1", new WorkspaceReport { Alias = "shop", Kind = "git", Branch = "main", Dirty = true }), ("w1", new WorkspaceReport { Alias = "odd", Kind = "folder" })],
            seen.Select(one => (one.Worker, one.Report)));
        await BeatAsync([]);
        Assert.Empty(await Jobs.Get<JobReader>().ReadWorkspacesAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_worktree_is_kept_as_long_as_its_conversation()
    {
        var id = await Jobs.SubmitAsync(EmbeddedJobs.Request() with { Places = new RunPlaces { Work = new RunPlace { Workspace = "shop", Path = "" }, Worktree = new RunWorktree { Name = "n" } } }, Bench.Me);
        var session = (await Jobs.JobAsync(id)).SessionId;
        var unknown = Guid.NewGuid();
        var answer = await Jobs.AskAsync<FindEndedJobs, EndedJobs>(EndpointNames.Heartbeat, new FindEndedJobs { JobIds = [], SessionIds = [session, unknown] });
        Assert.Equal([unknown], answer.SessionIds);

        // What resumes it works in its worktree; what forks it does not.
        await Jobs.ClaimAsync(id, 1, Worker);
        await Jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Completed(id, 1, Worker, 1));
        var plain = new RunPlaces { Work = new RunPlace { Workspace = "shop", Path = "" } };
        var next = await Jobs.SubmitAsync(EmbeddedJobs.Request() with { Places = plain, Conversation = new() { Resumes = session } }, Bench.Me);
        Assert.Equal("n", (await Jobs.ClaimAsync(next, 1, Worker)).Granted!.Grant.Places?.Worktree?.Name);
        var fork = await Jobs.SubmitAsync(EmbeddedJobs.Request() with { Places = plain, Conversation = new() { Resumes = session, Forks = true } }, Bench.Me);
        Assert.Null((await Jobs.ClaimAsync(fork, 1, Worker)).Granted!.Grant.Places?.Worktree);
    }

    private Task<HeartbeatAnswer> BeatAsync(IReadOnlyList<WorkspaceReport>? workspaces) => Jobs.AskAsync<WorkerHeartbeat, HeartbeatAnswer>(
        EndpointNames.Heartbeat,
        new WorkerHeartbeat { WorkerId = Worker, Epoch = 1, WorkerName = "w1", SentAt = DateTimeOffset.UnixEpoch, Slots = 4, Runs = [], Workspaces = workspaces });
}
