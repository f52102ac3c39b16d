namespace Gateway.Jobs.Admission;

/// <summary>What the store did with a new job.</summary>
public enum InsertOutcome
{
    /// <summary>Row, request and command are committed.</summary>
    Inserted,

    /// <summary>The idempotency key and the arguments are those of an existing job.</summary>
    SameKey,

    /// <summary>The caller has asked for the same thing before, and that job is as good. The call is counted and recorded.</summary>
    SameContent,

    /// <summary>The idempotency key belongs to a job with other arguments.</summary>
    KeyConflict,

    /// <summary>As many jobs wait as may.</summary>
    QueueFull,

    /// <summary>The session that the job was to go on with is not there any more. Nothing is stored, nothing counted.</summary>
    SessionGone,

    /// <summary>A limit of the caller's policy is used up. Nothing is stored, nothing counted.</summary>
    Refused,
}
