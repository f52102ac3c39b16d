using Gateway.Jobs.Approvals;
using Gateway.Jobs.Audit;
using Gateway.Policies.Evaluation;

namespace Gateway.Jobs.Admission;

/// <summary>On which terms a call may pass: what was judged of it, and what is kept of it.</summary>
public sealed record AdmissionTerms
{
    /// <summary>No policy has a say, and nothing is recorded.</summary>
    public static AdmissionTerms None { get; } = new();

    /// <summary>What the policy says; null when none has a say.</summary>
    public Judgement? Judgement { get; init; }

    /// <summary>Label of the caller's grant.</summary>
    public string GrantLabel { get; init; } = "";

    /// <summary>Session of the transport; null when there is none.</summary>
    public string? Session { get; init; }

    /// <summary>What a person has to be asked; null when nobody. Of a call that makes a job the admission fills it in.</summary>
    public ApprovalRequest? Request { get; init; }

    /// <summary>The call's audit record up to here, written in the transaction of what it records; null when none is due.</summary>
    public AuditRecord? Record { get; init; }

    /// <summary>Whether the record is written of an allowed call too, and not of a refused one alone.</summary>
    public bool RecordsAllowed { get; init; } = true;
}
