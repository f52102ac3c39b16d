using Gateway.Contracts.Values;
using Gateway.Execution.Providers;
using Gateway.Execution.Runs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Surveys;

/// <summary>
/// Looks at the CLIs of this worker: at its start, when another program is installed, and once an hour. The next heartbeat tells what it saw.
/// </summary>
internal sealed partial class CliSurvey(CliInspection inspection, IEnumerable<IAgentProvider> providers, IOptions<WorkerOptions> options, TimeProvider clock, ILogger<CliSurvey> logger) : BackgroundService
{
    private const int LooksToAnHour = 60;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(1);
    private readonly Dictionary<string, string?> _marks = new(StringComparer.Ordinal);
    private IReadOnlyList<CliReport>? _news;

    /// <summary>What was seen since it was asked for last; null for nothing new.</summary>
    public IReadOnlyList<CliReport>? TakeNews() => Interlocked.Exchange(ref _news, null);

    /// <summary>Looks at all of them, if one was changed since the last look.</summary>
    /// <param name="anyway">Looks also when none was.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was seen; null when nothing was changed.</returns>
    public async Task<IReadOnlyList<CliReport>?> LookAsync(bool anyway, CancellationToken cancellationToken)
    {
        var declared = providers.Where(provider => provider.Contract is not null).Select(provider => (provider.Name, Contract: provider.Contract!)).ToList();
        var marks = declared.ToDictionary(one => one.Name, one => CliInspection.MarkOf(one.Contract, one.Name), StringComparer.Ordinal);
        if (!anyway && marks.All(mark => _marks.TryGetValue(mark.Key, out var known) && known == mark.Value))
        {
            return null;
        }

        List<CliReport> seen = [];
        foreach (var (name, contract) in declared)
        {
            var report = await inspection.LookAsync(name, contract, cancellationToken);
            seen.Add(report);
            if (report.MissingFlags is { Count: > 0 } missing)
            {
                FlagsMissing(name, report.Version, string.Join(' ', missing));
            }
        }

        foreach (var (name, mark) in marks)
        {
            _marks[name] = mark;
        }

        return seen;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.LooksAtClis)
        {
            return;
        }

        using var timer = new PeriodicTimer(BetweenLooks, clock);
        var looks = 0;
        do
        {
            try
            {
                if (await LookAsync(anyway: looks++ % LooksToAnHour == 0, stoppingToken) is { } seen)
                {
                    Interlocked.Exchange(ref _news, seen);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                NotLooked(e.GetType().Name, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(EventId = 3097, Level = LogLevel.Warning, Message = "The help of {Cli} {Version} does not name flags that runs are started with: {Flags}. Install the version that this gateway was tested with.")]
    private partial void FlagsMissing(string cli, string? version, string flags);

    [LoggerMessage(EventId = 3098, Level = LogLevel.Warning, Message = "The CLIs could not be looked at: {Fault}: {Text}")]
    private partial void NotLooked(string fault, string text);
}
