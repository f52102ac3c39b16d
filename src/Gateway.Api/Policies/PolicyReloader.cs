using Gateway.Jobs;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Policies;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Policies;

/// <summary>Looks whether somebody has edited the files, and puts what is right in force.</summary>
internal sealed partial class PolicyReloader(
    PolicyBook book, PolicySource source, IPolicyArchive archive, IAuditLog audit, IOptions<PolicyOptions> options, TimeProvider clock, ILogger<PolicyReloader> logger)
    : PeriodicService(clock)
{
    // A file system may keep times by the second: an edit in the same second is found by its bytes.
    private const int WholeLook = 5;

    private string stamp = "";
    private int looks;
    private IReadOnlyCollection<string> hashes = [];
    private string files = "";
    private AuditRecord? due;

    protected override TimeSpan Interval => options.Value.LookInterval;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        stamp = source.Stamp();
        await KeepAsync(book.Current, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Looks once.</summary>
    protected override async Task RoundAsync(CancellationToken cancellationToken)
    {
        await RecordAsync(due, cancellationToken);
        var now = source.Stamp();
        if (now == stamp && ++looks % WholeLook != 0)
        {
            return;
        }

        stamp = now;
        var before = book.Faults;
        if (book.Reload() is { } state)
        {
            await TellAsync(state, wasBroken: before.Count > 0, cancellationToken);
        }
        else if (!before.SequenceEqual(book.Faults, StringComparer.Ordinal))
        {
            PolicyTelemetry.Reloaded("refused");
            Refused(book.Faults);
            await RecordAsync(RecordOf(AuditMethods.PolicyRefused, AuditDecisions.Denied) with { Reason = $"{book.Faults.Count} faults; what was in force stays so" }, cancellationToken);
        }
    }

    protected override void LogFailed(Exception problem) => LogLookFailed(problem);

    private void Refused(IReadOnlyList<string> faults)
    {
        foreach (var fault in faults)
        {
            LogFault(fault);
        }

        LogRefused(faults.Count);
    }

    private async Task TellAsync(PolicyState state, bool wasBroken, CancellationToken cancellationToken)
    {
        string[] found = [.. state.Snapshot.Policies.Select(policy => policy.Hash)];
        if (!wasBroken && state.Files == files && found.Order(StringComparer.Ordinal).SequenceEqual(hashes, StringComparer.Ordinal))
        {
            return;
        }

        PolicyTelemetry.Reloaded("loaded");
        await KeepAsync(state, cancellationToken);
    }

    private async Task KeepAsync(PolicyState state, CancellationToken cancellationToken)
    {
        hashes = [.. state.Snapshot.Policies.Select(policy => policy.Hash).Order(StringComparer.Ordinal)];
        LogLoaded(state.Snapshot.Policies.Count, state.Kind);
        foreach (var policy in state.Snapshot.Policies)
        {
            LogInForce(policy.Name, policy.Hash);
        }

        foreach (var warning in state.Snapshot.Warnings)
        {
            LogWarning(warning);
        }

        files = state.Files;
        await RecordAsync(
            RecordOf(AuditMethods.PolicyLoaded, AuditDecisions.Done) with
            {
                Subject = string.Join(", ", state.Snapshot.Policies.Select(policy => $"{policy.Name} {policy.Hash}")),
                Reason = $"{state.Kind}; files {state.Files}",
            },
            cancellationToken);
        await archive.KeepAsync([.. state.Snapshot.Policies.Select(policy => new PolicyText(policy.Hash, policy.Name, policy.NormalizedText))], cancellationToken);
    }

    private AuditRecord RecordOf(string method, string decision) => new() { At = Clock.GetUtcNow(), Method = method, Decision = decision, Duration = TimeSpan.Zero };

    // The files are in force whether this can be written or not: it is written as soon as it can be, and nothing is counted as recorded before.
    private async Task RecordAsync(AuditRecord? record, CancellationToken cancellationToken)
    {
        if (record is null)
        {
            return;
        }

        due = record;
        try
        {
            await audit.AppendAsync(record, cancellationToken);
            due = null;
        }
        catch (StoreUnavailableException problem)
        {
            LogNotRecorded(problem, record.Method);
        }
    }

    [LoggerMessage(EventId = 858, Level = LogLevel.Error, Message = "{Method} could not be recorded yet")]
    private partial void LogNotRecorded(Exception problem, string method);

    [LoggerMessage(EventId = 851, Level = LogLevel.Information, Message = "{Count} policies are in force, {Kind}")]
    private partial void LogLoaded(int count, string kind);

    [LoggerMessage(EventId = 856, Level = LogLevel.Information, Message = "Policy {Policy} is in force with {Hash}")]
    private partial void LogInForce(string policy, string hash);

    [LoggerMessage(EventId = 852, Level = LogLevel.Warning, Message = "Policy warning: {Warning}")]
    private partial void LogWarning(Gateway.Policies.Documents.DocumentWarning warning);

    [LoggerMessage(EventId = 853, Level = LogLevel.Error, Message = "The edited policy files have {Count} faults and were refused; what was in force stays so")]
    private partial void LogRefused(int count);

    [LoggerMessage(EventId = 855, Level = LogLevel.Error, Message = "Policy fault: {Fault}")]
    private partial void LogFault(string fault);

    [LoggerMessage(EventId = 854, Level = LogLevel.Error, Message = "The policy files could not be looked at; what was in force stays so")]
    private partial void LogLookFailed(Exception problem);
}
