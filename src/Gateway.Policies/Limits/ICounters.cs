namespace Gateway.Policies.Limits;

/// <summary>The counters of one transaction: whoever rolls it back takes everything back. Implemented by Storage.</summary>
public interface ICounters
{
    /// <summary>Adds the charge's amount where the counter then stands at its maximum at most; in one statement, so that calls at one instant cannot both pass.</summary>
    /// <param name="charge">What is added.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    /// <returns>What the counter stands at afterwards; null when it would have passed its maximum and was left as it is.</returns>
    Task<decimal?> TryAddAsync(Charge charge, CancellationToken cancellationToken);

    /// <summary>What the counter stands at; 0 when nobody has used it in this window.</summary>
    /// <param name="charge">Of which counter.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    Task<decimal> ReadAsync(Charge charge, CancellationToken cancellationToken);
}
