using System.Collections.Concurrent;
using System.Globalization;
using Gateway.Jobs;
using Gateway.Jobs.Audit;

namespace Gateway.Api.Auth.SignIn;

/// <summary>
/// Records refused credentials: one record for each address and minute, with their number, so that a flood of guesses fills no disk. Of
/// more than a hundred addresses in a minute the rest is one record. What was presented is nowhere in it.
/// </summary>
internal sealed partial class FailedSignIns(IAuditLog audit, TimeProvider clock, ILogger<FailedSignIns> logger) : PeriodicService(clock)
{
    private const int MostAddresses = 100;
    private const string Others = "(others)";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, long> counts = new(StringComparer.Ordinal);

    protected override TimeSpan Interval => Minute;

    /// <summary>Counts a refused credential.</summary>
    /// <param name="caller">Where it came from.</param>
    public void Note(CallerAddress caller)
    {
        var name = caller.Full.Length > 0 ? caller.Full : "(unknown)";
        counts.AddOrUpdate(counts.ContainsKey(name) || counts.Count < MostAddresses ? name : Others, 1, (_, count) => count + 1);
    }

    /// <summary>Records what was counted; what cannot be written is counted on.</summary>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        foreach (var name in counts.Keys)
        {
            if (!counts.TryRemove(name, out var count))
            {
                continue;
            }

            try
            {
                await audit.AppendAsync(RecordOf(name, count), cancellationToken);
            }
            catch
            {
                counts.AddOrUpdate(name, count, (_, more) => more + count);
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await WriteAsync(cancellationToken);
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(problem);
        }
    }

    protected override Task RoundAsync(CancellationToken cancellationToken) => WriteAsync(cancellationToken);

    private AuditRecord RecordOf(string address, long count) => new()
    {
        At = Clock.GetUtcNow(),
        Method = AuditMethods.SignInRefused,
        Decision = AuditDecisions.Denied,
        Kind = "invalid_credential",
        Address = address,
        Reason = string.Create(CultureInfo.InvariantCulture, $"{count} refused since the last record of this address"),
        Duration = TimeSpan.Zero,
    };

    [LoggerMessage(EventId = 1631, Level = LogLevel.Error, Message = "Refused credentials could not be recorded; their number is kept")]
    protected override partial void LogFailed(Exception problem);
}
