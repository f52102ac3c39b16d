namespace Gateway.Storage.Model;

/// <summary>A row that a transaction changes to be the only one of its kind until it ends.</summary>
public sealed class LockRow
{
    /// <summary>The lock under which the ceiling of waiting jobs is kept.</summary>
    public const string Admission = "admission";

    public string Name { get; init; } = null!;

    /// <summary>How often it was taken.</summary>
    public long Taken { get; set; }
}
