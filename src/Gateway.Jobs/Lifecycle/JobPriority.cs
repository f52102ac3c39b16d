namespace Gateway.Jobs.Lifecycle;

/// <summary>How urgent a job is: between the callers' words and the numbers that are stored.</summary>
public static class JobPriority
{
    /// <summary>The callers' words, from the least urgent.</summary>
    public static IReadOnlyList<string> Words { get; } = ["low", "normal", "high"];

    /// <summary>The number of a word; 0 is <c>normal</c>.</summary>
    /// <param name="word">One of <see cref="Words"/>.</param>
    public static int NumberOf(string word) => word switch
    {
        "low" => -1,
        "high" => 1,
        _ => 0,
    };

    /// <summary>The word for a number.</summary>
    /// <param name="number">As stored.</param>
    public static string WordOf(int number) => Words[Math.Clamp(number, -1, 1) + 1];
}
