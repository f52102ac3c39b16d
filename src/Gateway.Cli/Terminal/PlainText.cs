namespace Gateway.Cli.Terminal;

/// <summary>What an agent wrote is data: at a terminal it may not move the cursor, set a title or hide what stands before it.</summary>
internal static class PlainText
{
    /// <summary>The text without control codes; lines and tabs stay.</summary>
    public static string Of(string text) => string.Create(
        text.Count(IsShown), text, static (target, source) =>
        {
            var next = 0;
            foreach (var c in source.Where(IsShown))
            {
                target[next++] = c;
            }
        });

    /// <summary>The same on one line, for a cell of a table.</summary>
    public static string Line(string? text) => Of(text ?? "").Replace('\n', ' ').Replace('\t', ' ');

    // C0, DEL and C1; and the marks that turn the direction of what follows.
    private static bool IsShown(char c) => c is '\n' or '\t' || !(char.IsControl(c) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069'));
}
