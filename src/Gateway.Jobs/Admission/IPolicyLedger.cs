using Gateway.Policies.Evaluation;

namespace Gateway.Jobs.Admission;

/// <summary>Counts and records the calls of tools that make no job. Implemented by Storage.</summary>
public interface IPolicyLedger
{
    /// <summary>
    /// Counts the call in all its limits and writes its audit record in one commit, before the tool does anything; a refusal counts
    /// nowhere, and its record is written all the same. Without limits and record nothing is written.
    /// </summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="terms">What was judged.</param>
    /// <param name="cancellationToken">Ends the attempt to count.</param>
    /// <returns>Why the call may not pass; null when it may.</returns>
    /// <exception cref="StoreUnavailableException">The call must not pass: whether it was counted is unknown, and it was not counted twice.</exception>
    Task<Refusal?> CountAsync(Caller caller, AdmissionTerms terms, CancellationToken cancellationToken);
}
