namespace Gateway.Policies.Documents;

/// <summary>Something that keeps a file from being loaded.</summary>
/// <param name="File">Its name, as it was given.</param>
/// <param name="Pointer">JSON pointer of the place; empty for the whole file.</param>
/// <param name="Line">Line of the place, from 1; 0 when there is none.</param>
/// <param name="Column">Column of the place in bytes, from 1; 0 when there is none.</param>
/// <param name="Message">What is wrong, and what is allowed there.</param>
public sealed record DocumentFault(string File, string Pointer, int Line, int Column, string Message)
{
    /// <summary>In one line.</summary>
    public override string ToString() => $"{File}:{Line}:{Column} {Pointer} {Message}";
}
