namespace Gateway.Policies.Cases;

/// <summary>A gateway that a case is played to. One implementation is in memory; tests play the same cases to running ones.</summary>
public interface ICaseGateway : IAsyncDisposable
{
    /// <summary>Sets the clock of the store.</summary>
    Task SetTimeAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>What loading the policy at the start said.</summary>
    Task<StepAnswer> ReadLoadAsync(CancellationToken cancellationToken);

    /// <summary>One call of a tool. The job and the approval of the first one of a step are remembered by its number.</summary>
    Task<StepAnswer> CallAsync(CaseStep step, CancellationToken cancellationToken);

    /// <summary>The tools that an identity sees.</summary>
    Task<StepAnswer> ListAsync(string identity, CancellationToken cancellationToken);

    /// <summary>Writes the policy file and waits until it was read.</summary>
    Task<StepAnswer> SetPolicyAsync(string text, CancellationToken cancellationToken);

    /// <summary>Kills the gateway, and starts it on the same state.</summary>
    Task<StepAnswer> RestartAsync(CancellationToken cancellationToken);

    /// <summary>Decides the approval of a step.</summary>
    Task<StepAnswer> DecideAsync(int of, string by, bool approves, string? comment, CancellationToken cancellationToken);

    /// <summary>The job of a step, as its owner sees it; waits for a state that is expected.</summary>
    Task<StepAnswer> ReadJobAsync(int of, string? expectedState, CancellationToken cancellationToken);

    /// <summary>Lets the job of a step end well.</summary>
    Task<StepAnswer> FinishAsync(int of, decimal? costUsd, CancellationToken cancellationToken);

    /// <summary>The audit log.</summary>
    Task<StepAnswer> ReadAuditAsync(CancellationToken cancellationToken);
}
