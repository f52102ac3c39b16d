using System.Text;
using Gateway.Benchmarks.Figures;

namespace Gateway.Benchmarks.Measures;

/// <summary>How many status calls are answered when many ask.</summary>
internal static class StatusCalls
{
    private const int Clients = 32;

    public static async Task<IReadOnlyList<Figure>> RunAsync(MeasureContext context, CancellationToken cancellationToken)
    {
        await using var house = await context.StartAsync(signalling: false, cancellationToken);
        using var caller = house.Caller();
        var job = await caller.SubmitAsync("one", cancellationToken);
        await caller.EndAsync(job, cancellationToken);
        var arguments = $$"""{"jobId":"{{job}}"}""";
        var body = Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"llm_job_status","arguments":""" + arguments + "}}");
        var url = new Uri(house.Url);
        await CallAsync(context.Times(400));
        var each = context.Times(1500);
        var started = TimeProvider.System.GetTimestamp();
        await CallAsync(each);
        var rate = Clients * each / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        return [new Figure("status calls, 32 clients", rate, Bar.AtLeast(9000, "/s"))];

        Task CallAsync(int count) => Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(
            async () =>
            {
                using var bare = new House.BareConnection(url, caller.Key, body);
                for (var i = 0; i < count; i++)
                {
                    await bare.CallAsync(cancellationToken);
                }
            },
            cancellationToken)));
    }
}
