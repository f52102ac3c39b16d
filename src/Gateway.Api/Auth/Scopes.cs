namespace Gateway.Api.Auth;

/// <summary>The words of a credential's scopes. Wire format.</summary>
internal static class Scopes
{
    public const string JobsRun = "jobs:run";
    public const string JobsRead = "jobs:read";
    public const string JobsCancel = "jobs:cancel";
    public const string JobsAdmin = "jobs:admin";
    public const string ApprovalsDecide = "approvals:decide";
    public const string SessionsManage = "sessions:manage";
    public const string BypassPermissions = "bypass:permissions";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [JobsRun, JobsRead, JobsCancel, JobsAdmin, ApprovalsDecide, SessionsManage, BypassPermissions];

    /// <summary>What the key of an embedded gateway may do unless its operator says otherwise.</summary>
    public static IReadOnlyList<string> OfEmbeddedKey { get; } = [JobsRun, JobsRead, JobsCancel, SessionsManage];
}
