namespace Gateway.Jobs.Admission;

/// <summary>Takes jobs in: row, request and command in one commit.</summary>
public sealed class JobAdmission
{
    /// <summary>Stores a job, or finds the one that the idempotency key names. Nothing is stored when it throws.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">Ends the attempt to store; a job may then exist all the same.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached; nothing was accepted.</exception>
    public Task<SubmitOutcome> SubmitAsync(Caller caller, RunRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
