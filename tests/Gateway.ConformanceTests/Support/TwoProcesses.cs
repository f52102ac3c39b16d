using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.ConformanceTests.Support;

/// <summary>Two control planes on one database, each with a bus of its own. A file belongs to one process: there both are the same one.</summary>
internal sealed class TwoProcesses : IAsyncDisposable
{
    private TwoProcesses(EmbeddedJobs first, EmbeddedJobs second) => (First, Second) = (first, second);

    public EmbeddedJobs First { get; }

    public EmbeddedJobs Second { get; }

    /// <summary>The one for even numbers, the other one for odd.</summary>
    public EmbeddedJobs this[int i] => i % 2 == 0 ? First : Second;

    public static Task<TwoProcesses> StartAsync(Databases database, ITestStore store, params (string Key, string Value)[] settings) => StartAsync(database, store, null, settings);

    public static async Task<TwoProcesses> StartAsync(Databases database, ITestStore store, Action<IServiceCollection>? configure, params (string Key, string Value)[] settings)
    {
        var first = await new EmbeddedJobs(store, worker: false, configure: configure, settings: settings).StartAsync();
        return new TwoProcesses(first, database == Databases.Sqlite ? first : await new EmbeddedJobs(store, worker: false, configure: configure, settings: settings).StartAsync());
    }

    /// <summary>So many pieces of work at once, by turns in both processes.</summary>
    public Task<T[]> AllAtOnceAsync<T>(int count, Func<EmbeddedJobs, int, Task<T>> work) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => work(this[i], i))));

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        if (Second != First)
        {
            await Second.DisposeAsync();
        }
    }
}
