using System.Text.Json;
using Gateway.Api.Policies;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Output;
using Gateway.Jobs.Reading;
using Gateway.Jobs.Sessions;

namespace Gateway.Api.Mcp.Tools;

/// <summary>The application services of Gateway.Jobs behind one door.</summary>
internal sealed class JobDesk(
    JobAdmission admission, IPolicyLedger ledger, ApprovalRequests requests, IApprovalStore approvals, ApprovalDesk people, IAuditLog audit, JobReader reader, JobCancellation cancellation, IOutputStore output,
    ISessionStore sessions, IStoreClock clock, CallAudit records) : IJobDesk
{
    public IOutputStore Output => output;

    public ISessionStore Sessions => sessions;

    public DateTimeOffset Now => clock.GetUtcNow();

    public CallAudit Audit => records;

    public Task<SubmitOutcome> SubmitAsync(Caller caller, RunRequest request, AdmissionTerms terms, CancellationToken cancellationToken) =>
        admission.SubmitAsync(caller, request, terms, cancellationToken);

    public Task<Gateway.Policies.Evaluation.Refusal?> CountAsync(Caller caller, AdmissionTerms terms, string tool, JsonElement arguments, CancellationToken cancellationToken) =>
        ledger.CountAsync(caller, terms with { Request = requests.OfCall(caller, terms, tool, arguments) }, cancellationToken);

    public Task RecordAsync(AuditRecord record, CancellationToken cancellationToken) => audit.AppendAsync(record, cancellationToken);

    public Task<CancelOutcome?> CancelAsync(Caller caller, Guid jobId, string? reason, CancellationToken cancellationToken) =>
        cancellation.CancelAsync(caller, jobId, reason, cancellationToken);

    public Task<PendingApproval?> FindApprovalAsync(Caller caller, JobView job, CancellationToken cancellationToken) =>
        approvals.FindPendingAsync(caller, job, cancellationToken);

    public Task<(IReadOnlyList<ApprovalRecord> Page, JobCursor? Next)> ListApprovalsAsync(ApprovalFilter filter, CancellationToken cancellationToken) =>
        people.ListAsync(filter, cancellationToken);

    public Task<DecisionOutcome> DecideAsync(Decider decider, Guid approvalId, bool approve, string? comment, CancellationToken cancellationToken) =>
        people.DecideAsync(decider, approvalId, approve, comment, cancellationToken);

    public Task<JobView?> FindAsync(Caller caller, Guid jobId, ProgressQuery? progress, CancellationToken cancellationToken) =>
        reader.FindAsync(caller, jobId, progress, cancellationToken);

    public Task<IReadOnlyList<Guid>> FindByNameAsync(Caller caller, string correlationId, int most, CancellationToken cancellationToken) =>
        reader.FindByNameAsync(caller, correlationId, most, cancellationToken);

    public Task<JobView?> WaitAsync(Caller caller, Guid jobId, ProgressQuery progress, bool untilFinal, TimeSpan wait, CancellationToken cancellationToken) =>
        reader.WaitAsync(caller, jobId, progress, untilFinal, wait, cancellationToken);

    public Task<JobPage> ListAsync(Caller caller, JobFilter filter, CancellationToken cancellationToken) =>
        reader.ListAsync(caller, filter, cancellationToken);

    public Task<OutputSnapshot?> FindOutputAsync(Caller caller, Guid jobId, int? attempt, CancellationToken cancellationToken) =>
        reader.FindOutputAsync(caller, jobId, attempt, cancellationToken);

    public Task<StoredRequest?> FindRequestAsync(Caller caller, Guid jobId, CancellationToken cancellationToken) =>
        reader.FindRequestAsync(caller, jobId, cancellationToken);

    public Task<IReadOnlyList<SeenCli>> ReadClisAsync(CancellationToken cancellationToken) => reader.ReadClisAsync(cancellationToken);

    public Task<IReadOnlyList<SeenWorkspace>> ReadWorkspacesAsync(CancellationToken cancellationToken) => reader.ReadWorkspacesAsync(cancellationToken);

    public Task<HealthView> ReadHealthAsync(Caller caller, CancellationToken cancellationToken) =>
        reader.ReadHealthAsync(caller, cancellationToken);
}
