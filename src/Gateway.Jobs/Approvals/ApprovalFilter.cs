using Gateway.Jobs.Reading;

namespace Gateway.Jobs.Approvals;

/// <summary>Which requests a list holds. A null member does not filter.</summary>
public sealed record ApprovalFilter
{
    /// <summary>Of this tenant; null, for operators alone, of all.</summary>
    public string? Tenant { get; init; }

    /// <summary>Of this caller.</summary>
    public string? Grant { get; init; }

    /// <summary>For this CLI.</summary>
    public string? Cli { get; init; }

    /// <summary>In this state.</summary>
    public string? Status { get; init; }

    /// <summary>1 to 500.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>Where the page begins: after this request, newest first; null for the first page.</summary>
    public JobCursor? After { get; init; }
}
