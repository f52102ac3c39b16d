using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Lifecycle;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Jobs;

/// <summary>What happened is counted once, when it is committed.</summary>
[Collection(nameof(Alone))]
public sealed class MetricsSpecs : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly ConcurrentQueue<(string Name, double Value, string Tags)> seen = new();
    private readonly MeterListener listener = new();

    public MetricsSpecs()
    {
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter.Name == "Gateway.Jobs" && !instrument.IsObservable)
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen.Enqueue((instrument.Name, value, Words(tags))));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => seen.Enqueue((instrument.Name, value, Words(tags))));
        listener.Start();
    }

    public void Dispose()
    {
        listener.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_job_counts_once_with_its_cost_and_its_times_however_often_its_end_is_reported()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var (id, worker) = (await jobs.SubmitAsync(), Guid.NewGuid());
        await jobs.ClaimAsync(id, 1, worker);
        var completed = new RunCompleted { JobId = id, Attempt = 1, WorkerId = worker, Epoch = 1, Result = Result() };

        Assert.Null(await jobs.DeliverAsync(EndpointNames.JobLifecycle, new RunStarted { JobId = id, Attempt = 1, WorkerId = worker, Epoch = 1, StartedAt = DateTimeOffset.UnixEpoch.AddYears(60) }));
        Assert.Null(await jobs.DeliverAsync(EndpointNames.JobLifecycle, completed));
        Assert.Null(await jobs.DeliverAsync(EndpointNames.JobLifecycle, completed));

        Assert.Equal("completed", (await jobs.JobAsync(id)).Status());
        Assert.Equal(
            ["gateway.job.duration", "gateway.job.wait", "gateway.jobs.accepted", "gateway.jobs.ended", "gateway.run.duration", "gateway.cost"],
            seen.Select(m => m.Name).OrderBy(name => name == "gateway.cost").ThenBy(name => name, StringComparer.Ordinal));
        Assert.Equal(0.25, Assert.Single(seen, m => m.Name == "gateway.cost").Value);
        Assert.Equal(3, Assert.Single(seen, m => m.Name == "gateway.run.duration").Value);
        Assert.Equal("gateway.cli=claude gateway.job.status=completed gateway.job.failure=", Assert.Single(seen, m => m.Name == "gateway.jobs.ended").Tags);
    }

    private static RunResult Result() => new()
    {
        EndedAt = DateTimeOffset.UnixEpoch.AddYears(60).AddSeconds(3),
        ExitCode = 0,
        StartedAt = DateTimeOffset.UnixEpoch.AddYears(60),
        Duration = TimeSpan.FromSeconds(3),
        Streams = [],
        Usage = new RunUsage { CostUsd = 0.25m },
    };

    private static string Words(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
}
