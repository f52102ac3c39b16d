namespace Gateway.Policies.Limits;

/// <summary>Who shares a limit.</summary>
public enum LimitScope
{
    /// <summary>One caller: a grant value.</summary>
    Grant,

    /// <summary>One session of a caller.</summary>
    Session,

    /// <summary>One tenant.</summary>
    Tenant,

    /// <summary>The whole installation.</summary>
    Global,
}
