namespace Gateway.Processes.Spool;

/// <summary>What ended a run. The first cause wins: a run that is stopped and then exits is <see cref="Stopped"/>.</summary>
public enum RunEndReason
{
    /// <summary>The program ended by itself, or by a signal that Gateway did not send.</summary>
    Exited,

    /// <summary><see cref="Runner.RunnerClient.StopAsync"/> asked for it, or the runner itself was told to end.</summary>
    Stopped,

    /// <summary>The wall clock ran out.</summary>
    Timeout,

    /// <summary>Neither stdout nor stderr said anything for too long.</summary>
    IdleTimeout,

    /// <summary>More output than the cap allows; what was kept is a prefix.</summary>
    OutputLimit,

    /// <summary>Nobody renewed the deadline: the tree was killed at once, without grace.</summary>
    Deadline,

    /// <summary>Nothing ran. <see cref="RunEnd.ExitCode"/> is 127 for a program that is not there, 126 for one that cannot be executed, null for all else; <see cref="RunEnd.StartError"/> tells.</summary>
    StartFailed,

    /// <summary>Nothing ran: this machine cannot give the sandbox that the run asked for.</summary>
    SandboxMissing,

    /// <summary>Nothing ran: no descriptors, processes or memory were left.</summary>
    OutOfResources,

    /// <summary>The spool's disk was full or its limit reached; what was kept is a prefix.</summary>
    SpoolFull,

    /// <summary>The run took more than <see cref="RunEnd.Limit"/> allows: the tree was killed at once, without grace.</summary>
    ResourceLimit,

    /// <summary>The runner died and its successor found the run without an end. Nothing of its tree is alive.</summary>
    Lost,
}
