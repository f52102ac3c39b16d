namespace Gateway.Execution.Conversations;

/// <summary>With what a run begins.</summary>
/// <param name="Path">The conversation file that the CLI is to go on with; null for a new conversation.</param>
/// <param name="Continues">The run's own prompt stands in it already, so that only what was cut off is asked for.</param>
internal sealed record ConversationStart(string? Path, bool Continues)
{
    /// <summary>A new conversation.</summary>
    public static ConversationStart New { get; } = new(null, false);
}
