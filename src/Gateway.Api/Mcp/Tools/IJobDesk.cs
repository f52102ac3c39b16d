using System.Text.Json;
using Gateway.Api.Policies;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Output;
using Gateway.Jobs.Reading;
using Gateway.Jobs.Sessions;

namespace Gateway.Api.Mcp.Tools;

/// <summary>All that the tools ask of the store: the boundary at which tests of the edge put a store of their own.</summary>
internal interface IJobDesk
{
    IOutputStore Output { get; }

    ISessionStore Sessions { get; }

    /// <summary>Time of the store's clock.</summary>
    DateTimeOffset Now { get; }

    /// <summary>What is recorded of a call.</summary>
    CallAudit Audit { get; }

    Task<SubmitOutcome> SubmitAsync(Caller caller, RunRequest request, AdmissionTerms terms, CancellationToken cancellationToken);

    /// <summary>Has a person asked about a call that makes no job, where its rule wants that, counts it and records it, before it does anything; why it may not pass, or null.</summary>
    Task<Gateway.Policies.Evaluation.Refusal?> CountAsync(Caller caller, AdmissionTerms terms, string tool, JsonElement arguments, CancellationToken cancellationToken);

    /// <summary>Records a call that was refused before anything could be counted.</summary>
    Task RecordAsync(AuditRecord record, CancellationToken cancellationToken);

    Task<CancelOutcome?> CancelAsync(Caller caller, Guid jobId, string? reason, CancellationToken cancellationToken);

    /// <summary>What a job of the caller waits for, when a person has to agree to it.</summary>
    Task<PendingApproval?> FindApprovalAsync(Caller caller, JobView job, CancellationToken cancellationToken);

    /// <summary>A page of requests for approval, and where the next one begins.</summary>
    Task<(IReadOnlyList<ApprovalRecord> Page, JobCursor? Next)> ListApprovalsAsync(ApprovalFilter filter, CancellationToken cancellationToken);

    Task<DecisionOutcome> DecideAsync(Decider decider, Guid approvalId, bool approve, string? comment, CancellationToken cancellationToken);

    Task<JobView?> FindAsync(Caller caller, Guid jobId, ProgressQuery? progress, CancellationToken cancellationToken);

    /// <summary>Jobs of the caller that a correlation id leads to, newest first.</summary>
    Task<IReadOnlyList<Guid>> FindByNameAsync(Caller caller, string correlationId, int most, CancellationToken cancellationToken);

    Task<JobView?> WaitAsync(Caller caller, Guid jobId, ProgressQuery progress, bool untilFinal, TimeSpan wait, CancellationToken cancellationToken);

    Task<JobPage> ListAsync(Caller caller, JobFilter filter, CancellationToken cancellationToken);

    Task<OutputSnapshot?> FindOutputAsync(Caller caller, Guid jobId, int? attempt, CancellationToken cancellationToken);

    Task<StoredRequest?> FindRequestAsync(Caller caller, Guid jobId, CancellationToken cancellationToken);

    /// <summary>What workers last told of their CLIs.</summary>
    Task<IReadOnlyList<SeenCli>> ReadClisAsync(CancellationToken cancellationToken);

    /// <summary>What workers last saw of their workspaces.</summary>
    Task<IReadOnlyList<SeenWorkspace>> ReadWorkspacesAsync(CancellationToken cancellationToken);

    Task<HealthView> ReadHealthAsync(Caller caller, CancellationToken cancellationToken);
}
