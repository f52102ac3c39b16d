namespace Gateway.SagaPersistence.Sagas;

/// <summary>
/// A row with the portable optimistic token: map <see cref="Version"/> with <c>IsConcurrencyToken()</c>; it is raised by one in each
/// SaveChanges that modifies the row, whoever modifies it, so the second of two writers gets a DbUpdateConcurrencyException.
/// </summary>
public interface IVersionedSaga
{
    int Version { get; set; }
}
