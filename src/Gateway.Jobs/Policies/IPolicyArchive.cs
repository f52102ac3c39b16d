namespace Gateway.Jobs.Policies;

/// <summary>Keeps every policy that was ever in force, so that a hash in an old record can be read. Implemented by Storage.</summary>
public interface IPolicyArchive
{
    /// <summary>Keeps those that are not kept yet.</summary>
    /// <param name="policies">The policies in force.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task KeepAsync(IReadOnlyList<PolicyText> policies, CancellationToken cancellationToken);

    /// <summary>The policy of a hash; null when it never was in force here.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<PolicyText?> FindAsync(string hash, CancellationToken cancellationToken);
}
