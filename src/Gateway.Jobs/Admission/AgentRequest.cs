namespace Gateway.Jobs.Admission;

/// <summary>What a CLI is asked for: its own arguments, which only its worker reads, and what the house has to know of them.</summary>
public sealed record AgentRequest
{
    /// <summary>JSON object of the CLI's record of arguments in <c>Gateway.Contracts</c>, such as <c>ClaudeArguments</c>.</summary>
    public required string Json { get; init; }

    /// <summary>Model that was asked for; null for the CLI's own.</summary>
    public string? Model { get; init; }

    /// <summary>Most US dollars for the whole job; null for no limit, or where the CLI reports no cost.</summary>
    public decimal? MaxBudgetUsd { get; init; }

    /// <summary>The CLI keeps the conversation, so that a later job can go on with it.</summary>
    public bool KeepsSession { get; init; } = true;

    /// <summary>The run would ask nobody before it acts, however that was spelled.</summary>
    public bool BypassesPermissions { get; init; }
}
