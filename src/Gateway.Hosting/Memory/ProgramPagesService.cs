using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting.Memory;

/// <summary>
/// Gives program pages that nobody looks at any more back, a moment after the start and whenever many have come again. At
/// rest it reads one line of /proc a second.
/// </summary>
internal sealed partial class ProgramPagesService(TimeProvider clock, ILogger<ProgramPagesService> logger) : BackgroundService
{
    private const long Many = 12L << 20;
    private static readonly TimeSpan AfterStart = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(AfterStart, clock, stoppingToken);
            var before = ProgramPages.Find();
            // What the start left on the heap is garbage by now, and the start is the one time when nobody waits for us.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            using var timer = new PeriodicTimer(AfterStart, clock);
            var least = 0L;
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                timer.Period = Between;
                if (ProgramPages.SharedBytes() - least < Many)
                {
                    continue;
                }

                var now = ProgramPages.Find();
                ProgramPages.GiveBack(before.Intersect(now));
                before = now;
                least = ProgramPages.SharedBytes();
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // A machine that does not tell: then the pages stay, and nothing else changes.
            LogNotTold(problem.Message);
        }
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Information, Message = "Program pages stay resident: {Problem}")]
    private partial void LogNotTold(string problem);
}
