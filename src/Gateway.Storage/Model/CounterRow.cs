namespace Gateway.Storage.Model;

/// <summary>What a limit of a policy has counted in one window.</summary>
public sealed class CounterRow
{
    /// <summary>64 lower-case hex digits over tool, counter, scope, window and its start.</summary>
    public string Key { get; init; } = null!;

    /// <summary>For people: the tool, or <c>all_tools</c>.</summary>
    public string Tool { get; init; } = null!;

    /// <summary>For people: name of the counter.</summary>
    public string Counter { get; init; } = null!;

    public long WindowStartMs { get; init; }

    public long WindowEndMs { get; init; }

    /// <summary>Millionths: databases disagree about decimals.</summary>
    public long UsedMicros { get; set; }
}
