namespace Gateway.Execution.Providers;

/// <summary>What a run is told in place of its prompt when its conversation holds that already.</summary>
internal static class Continuation
{
    /// <summary>The text, the same for every CLI.</summary>
    public const string Prompt =
        "Your work on this task was cut off by an interruption outside your control. Look at what is already done, then go on and finish the task.";
}
