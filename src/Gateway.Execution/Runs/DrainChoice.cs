namespace Gateway.Execution.Runs;

/// <summary>What a stop of the worker does with the runs under way.</summary>
public enum DrainChoice
{
    /// <summary>Leave them to the runner: the next worker on this machine adopts them. For an upgrade or a restart.</summary>
    Handover,

    /// <summary>Let them end, then stop them and give their jobs back at once, without a counted attempt. For a machine that goes away.</summary>
    Evacuate,
}
