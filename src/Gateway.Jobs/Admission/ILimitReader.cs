using Gateway.Policies.Evaluation;

namespace Gateway.Jobs.Admission;

/// <summary>Reads how limits stand, and changes nothing. Implemented by Storage.</summary>
public interface ILimitReader
{
    /// <summary>Reads. Other calls go on meanwhile: what is left now may be gone when the call comes.</summary>
    /// <param name="caller">Who would call.</param>
    /// <param name="judgement">What the policy says of the call.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached.</exception>
    Task<LimitFigures> ReadAsync(Caller caller, Judgement judgement, CancellationToken cancellationToken);
}
