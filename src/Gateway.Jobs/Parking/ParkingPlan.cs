using System.Buffers.Binary;
using Gateway.Contracts.Values;
using Gateway.Jobs.Lifecycle;

namespace Gateway.Jobs.Parking;

/// <summary>For how long a usage limit keeps a credential and a job from running. A pure function of what was reported.</summary>
/// <param name="Rest">How long nothing is started with the credential.</param>
/// <param name="Wait">How long the job is parked.</param>
/// <param name="Fits">Whether the job may be parked so long, besides what it was parked before.</param>
public readonly record struct ParkingPlan(TimeSpan Rest, TimeSpan Wait, bool Fits)
{
    // Clocks differ by seconds: a limit that ended a moment ago by ours, or ends in the next, is still there for the provider.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(10);

    /// <summary>Plans.</summary>
    /// <param name="job">The job that met the limit.</param>
    /// <param name="failure">What its run reported. A worker works on untrusted text, so no time in it counts beyond the operator's bounds.</param>
    /// <param name="now">Store clock.</param>
    /// <param name="options">The operator's bounds.</param>
    public static ParkingPlan Of(Job job, RunFailure failure, DateTimeOffset now, ParkingOptions options)
    {
        var left = options.Most - TimeSpan.FromMilliseconds(job.ParkedMs);
        if (failure.ResetsAt is not { } reset)
        {
            return new ParkingPlan(options.UnknownReset, Shorter(options.UnknownReset + SpreadOf(job, options), left), left > Least);
        }

        var wait = reset - now < Least ? Least : reset - now;
        return new ParkingPlan(Shorter(wait, options.Most), Shorter(wait + SpreadOf(job, options), left), wait <= left);
    }

    // Of the job's own id: the same however often the step is tried, and as even as random bytes are.
    private static TimeSpan SpreadOf(Job job, ParkingOptions options)
    {
        Span<byte> id = stackalloc byte[16];
        job.CorrelationId.TryWriteBytes(id);
        return options.Spread * (BinaryPrimitives.ReadUInt32LittleEndian(id[12..]) / (double)uint.MaxValue);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
