using Gateway.Processes.Memory;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Execution.Memory;

/// <summary>Keeps the resident set of this process small: half of it would be pages that only the start needed.</summary>
internal sealed partial class ProgramPagesService(TimeProvider clock, ILogger<ProgramPagesService> logger) : BackgroundService
{
    private static readonly TimeSpan AfterStart = TimeSpan.FromMilliseconds(300);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pages = new ProgramPagesKeeper();
        try
        {
            await Task.Delay(AfterStart, clock, stoppingToken);
            pages.Look();

            // What the start left on the heap is garbage by now, and nobody waits for us yet.
            Collect();
            var rest = new RestAfterWork(() => GC.GetTotalAllocatedBytes());
            using var timer = new PeriodicTimer(AfterStart, clock);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                timer.Period = ProgramPagesKeeper.Between;
                var rests = rest.HasCome();
                if (rests)
                {
                    Collect();
                }

                pages.Look(anyway: rests);
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // A machine that does not tell: then the pages stay, and nothing else changes.
            NotTold(problem.Message);
        }
    }

    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    [LoggerMessage(EventId = 3090, Level = LogLevel.Information, Message = "Program pages stay resident: {Problem}")]
    private partial void NotTold(string problem);
}
