namespace Gateway.Jobs.Audit;

/// <summary>
/// What a record is about where it is no request of the protocol. Part of the log's format: never renamed. A record stands in the transaction of
/// its effect; where the effect is not the store's, it is written before, and without it nothing is done. Only files of policies and
/// refused credentials are recorded afterwards: what has happened there cannot be held back.
/// </summary>
public static class AuditMethods
{
    /// <summary>The real cost of a job took the place of what it had reserved.</summary>
    public const string CostCorrected = "job/cost";

    /// <summary>An operator asks for the end of a job. Written before the lifecycle is asked, which may find the job ended already.</summary>
    public const string JobCanceled = "job/cancel";

    /// <summary>An operator sends a dead letter again. With the broker's, written before.</summary>
    public const string LetterRedriven = "dead-letter/redrive";

    /// <summary>An operator sets a dead letter aside. With the broker's, written before.</summary>
    public const string LetterParked = "dead-letter/park";

    /// <summary>A key of a caller was made.</summary>
    public const string KeyCreated = "key/created";

    /// <summary>A key got a successor.</summary>
    public const string KeyRotated = "key/rotated";

    /// <summary>A key was ended.</summary>
    public const string KeyRevoked = "key/revoked";

    /// <summary>The files of policies and grants that a process has in force, at its start and whenever they have changed. Written after it.</summary>
    public const string PolicyLoaded = "policy/loaded";

    /// <summary>Edited files that were not put in force. Written after it.</summary>
    public const string PolicyRefused = "policy/refused";

    /// <summary>Credentials that were refused, of one address within a minute. Written after it.</summary>
    public const string SignInRefused = "auth/refused";
}
