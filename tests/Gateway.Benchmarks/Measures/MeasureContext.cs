using Gateway.Benchmarks.House;

namespace Gateway.Benchmarks.Measures;

/// <summary>Under which conditions a measure runs.</summary>
/// <param name="Options">The command line.</param>
/// <param name="Sandboxed">Whether runs have walls.</param>
internal sealed record MeasureContext(BenchOptions Options, bool Sandboxed)
{
    /// <summary>How often, for people in a hurry a tenth of it.</summary>
    public int Times(int count) => Options.Quick ? Math.Max(5, count / 10) : count;

    public Task<GatewayHouse> StartAsync(bool signalling, CancellationToken cancellationToken, params IEnumerable<string> settings) =>
        GatewayHouse.StartNewAsync(Sandboxed, signalling, [.. settings, .. Options.Settings], cancellationToken);

    /// <summary>The gateway of the checkout to compare with.</summary>
    public Task<GatewayHouse> StartOtherAsync(bool signalling, CancellationToken cancellationToken, params IEnumerable<string> settings) =>
        GatewayHouse.StartNewAsync(Sandboxed, signalling, [.. settings, .. Options.Settings], cancellationToken, ProgramFiles.GatewayOf(Options.Against!));

    public Task<GatewayHouse> BuildAsync(bool signalling, CancellationToken cancellationToken, params IEnumerable<string> settings) =>
        GatewayHouse.BuildAsync(Sandboxed, signalling, [.. settings, .. Options.Settings], cancellationToken);

    /// <summary>Runs jobs until the code that is measured has been compiled.</summary>
    public async Task WarmUpAsync(GatewayHouse house, CancellationToken cancellationToken)
    {
        using var caller = house.Caller();
        for (var round = 0; round < (Options.Quick ? 1 : 5); round++)
        {
            var jobs = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => caller.SubmitAsync($"now 0 warm-{round}-{i}", cancellationToken)));
            await Task.WhenAll(jobs.Select(job => caller.EndAsync(job, cancellationToken)));
        }
    }
}
