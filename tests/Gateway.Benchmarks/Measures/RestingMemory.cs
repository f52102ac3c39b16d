using Gateway.Benchmarks.House;

namespace Gateway.Benchmarks.Measures;

/// <summary>What processes hold when there is nothing to do.</summary>
internal static class RestingMemory
{
    private const int Looks = 11;

    /// <summary>
    /// The median of eleven looks, a second apart, in MB of 10^6 bytes. A heartbeat needs code for a moment that is given back after it: what
    /// counts is what a gateway holds most of the time.
    /// </summary>
    public static async Task<(double Gateway, double Runner)> ReadAsync(int gateway, int runner, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, cancellationToken);
        List<double> gateways = [], runners = [];
        while (gateways.Count < Looks)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            gateways.Add(ProcessFigures.ResidentMegabytes(gateway));
            runners.Add(ProcessFigures.ResidentMegabytes(runner));
        }

        return (gateways.Order().ElementAt(Looks / 2), runners.Order().ElementAt(Looks / 2));
    }
}
