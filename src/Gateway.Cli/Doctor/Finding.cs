namespace Gateway.Cli.Doctor;

/// <summary>What <c>doctor</c> found.</summary>
/// <param name="What">What was looked at.</param>
/// <param name="Verdict"><c>ok</c>, <c>note</c> (nothing to do) or <c>fault</c>.</param>
/// <param name="Text">What is so, and for a fault what to do.</param>
internal sealed record Finding(string What, string Verdict, string Text)
{
    public static Finding Ok(string what, string text) => new(what, "ok", text);

    public static Finding Note(string what, string text) => new(what, "note", text);

    public static Finding Fault(string what, string text) => new(what, "fault", text);
}
