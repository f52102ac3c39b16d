using Gateway.Api.Auth;
using Gateway.Api.Mcp.Tools;
using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Output;
using Gateway.Tests.Jobs;
using Gateway.Tests.Support;

namespace Gateway.Tests.Api;

/// <summary>The tools in front of a real store and bus, called by whom a test says.</summary>
internal sealed class StoreBench(params (string Name, string Value)[] edge) : IAsyncDisposable
{
    private static readonly Guid Worker = Guid.NewGuid();
    private readonly TestFolder folder = new();
    private readonly Bench bench = new(edge);
    private IJobDesk? desk;
    private EmbeddedJobs? jobs;

    public EmbeddedJobs Jobs => jobs ?? throw new InvalidOperationException("It is not started.");

    /// <summary>What calls say to the store.</summary>
    public StatementLog Statements { get; } = new();

    public TestFolder Folder => folder;

    public async Task<StoreBench> StartAsync(params (string Key, string Value)[] settings)
    {
        jobs = await new EmbeddedJobs(folder, worker: false, configure: services => folder.Intercept(services, Statements), settings: settings).StartAsync();
        desk = Bench.DeskOf(jobs);
        return this;
    }

    /// <summary>A call with every scope of the generated key and those given.</summary>
    public Task<Bench.Reply> CallAsync(Caller caller, string tool, string arguments, params string[] moreScopes) =>
        bench.CallAsync(tool, arguments, Bench.IdentityOf(caller, Scopes.OfEmbeddedKey.Concat(moreScopes)), desk);

    /// <summary>A call of somebody whose policy is the test's own.</summary>
    public Task<Bench.Reply> CallAsync(Identity identity, string tool, string arguments) => bench.CallAsync(tool, arguments, identity, desk);

    /// <summary>The call, and what it said to the store.</summary>
    public Task<(Bench.Reply Answer, IReadOnlyList<string> Statements)> WatchAsync(Caller caller, string tool, string arguments) =>
        Statements.OfAsync(() => CallAsync(caller, tool, arguments));

    /// <summary>A job with an answer and both streams, which has ended.</summary>
    public async Task<Guid> CompletedAsync(Caller caller, string prompt = "Say hello")
    {
        var id = await RunningAsync(caller, prompt);
        foreach (var stream in (OutputStream[])[OutputStream.Stdout, OutputStream.Stderr, OutputStream.Answer])
        {
            var piece = new RunOutput { JobId = id, Attempt = 1, WorkerId = Worker, Epoch = 1, Stream = stream, Offset = 0, Bytes = "the words of a run"u8.ToArray() };
            await Jobs.Get<IOutputStore>().AppendAsync(piece, CancellationToken.None);
        }

        await CompleteAsync(id);
        return id;
    }

    /// <summary>The end of a job that a worker has in hand.</summary>
    public Task CompleteAsync(Guid id) => Jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Completed(id, 1, Worker, 1));

    /// <summary>A job that a worker has in hand.</summary>
    public async Task<Guid> RunningAsync(Caller caller, string prompt = "Say hello")
    {
        var id = await Jobs.SubmitAsync(EmbeddedJobs.Request(prompt), caller);
        await Jobs.ClaimAsync(id, 1, Worker);
        return id;
    }

    public async ValueTask DisposeAsync()
    {
        if (jobs is not null)
        {
            await jobs.DisposeAsync();
        }

        bench.Dispose();
        folder.Dispose();
    }
}
