namespace Gateway.Execution.Runs;

/// <summary>One connection of this worker to its runner.</summary>
/// <param name="Runner">The runner.</param>
/// <param name="Since">When it was made, as a timestamp of the clock.</param>
/// <param name="Closed">Set when the connection is gone or the worker stops; runs go on in the runner then.</param>
internal sealed record Attached(IRunner Runner, long Since, CancellationToken Closed)
{
    /// <summary>The way of a run to the control plane through this connection.</summary>
    public RunLine Line(ControlPlane control, ActiveRun run) => new(control, run, Runner.WorkerId, Runner.Epoch);
}
