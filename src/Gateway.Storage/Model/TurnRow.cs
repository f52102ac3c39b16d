namespace Gateway.Storage.Model;

/// <summary>What one job at a time may have, while one has it.</summary>
public sealed class TurnRow
{
    public string Key { get; init; } = null!;

    /// <summary>The job whose turn it is.</summary>
    public Guid JobId { get; set; }
}
