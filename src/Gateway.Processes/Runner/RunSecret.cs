namespace Gateway.Processes.Runner;

/// <summary>A secret that only the started program gets: through a pipe that is empty once read, never in environment, argv or spool.</summary>
/// <param name="EnvironmentVariable">Variable that tells the program the number of the descriptor, such as <c>CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR</c>.</param>
/// <param name="Value">The secret, at most 64 KiB (what a pipe holds).</param>
public sealed record RunSecret(string EnvironmentVariable, ReadOnlyMemory<byte> Value)
{
    /// <summary>Says nothing of the value.</summary>
    public override string ToString() => $"RunSecret {{ {EnvironmentVariable} }}";
}
