namespace Gateway.Storage.Model;

/// <summary>A row that submits of one caller, tenant or installation change first, so that they go one at a time.</summary>
public sealed class GateRow
{
    /// <summary>64 lower-case hex digits over scope and its value.</summary>
    public string Key { get; init; } = null!;

    /// <summary>How often it was taken.</summary>
    public long Taken { get; set; }
}
