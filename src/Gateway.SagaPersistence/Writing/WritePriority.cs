namespace Gateway.SagaPersistence.Writing;

/// <summary>Who goes first when several writers wait at an <see cref="IWriteGate"/>.</summary>
public enum WritePriority
{
    /// <summary>Work that finishes what was begun: consumers, completions, claims, clean-up of consumed rows. Goes first.</summary>
    Completion,

    /// <summary>Work that brings new work: submits. Waits while any completion waits.</summary>
    Submit,
}
