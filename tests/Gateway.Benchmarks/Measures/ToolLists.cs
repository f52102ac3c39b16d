using System.Text;
using Gateway.Benchmarks.Figures;

namespace Gateway.Benchmarks.Measures;

/// <summary>What every client pays to know the tools.</summary>
internal static class ToolLists
{
    public static async Task<IReadOnlyList<Figure>> RunAsync(MeasureContext context, CancellationToken cancellationToken)
    {
        await using var house = await context.StartAsync(signalling: false, cancellationToken);
        using var caller = house.Caller();
        var answer = await caller.SendAsync("tools/list", [], cancellationToken);
        return [new Figure("tools/list", Encoding.UTF8.GetByteCount(answer) / 1000.0, Bar.AtMost(40, "KB"))];
    }
}
