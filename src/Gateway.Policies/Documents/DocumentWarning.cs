namespace Gateway.Policies.Documents;

/// <summary>Something that loads, and is hardly what its author meant.</summary>
/// <param name="Code"><c>W01</c> to <c>W09</c>.</param>
/// <param name="File">Name of the file.</param>
/// <param name="Pointer">The place: a rule pointer, or a JSON pointer where no rule is meant.</param>
/// <param name="Message">What is the matter, and what to do.</param>
public sealed record DocumentWarning(string Code, string File, string Pointer, string Message)
{
    /// <summary>In one line.</summary>
    public override string ToString() => $"{Code} {File} {Pointer} {Message}";
}
