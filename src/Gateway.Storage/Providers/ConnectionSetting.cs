namespace Gateway.Storage.Providers;

/// <summary>
/// A connection string, given as text or in a file of its own. It holds a password, so no fault repeats any part of it:
/// even the name of a keyword may be the rest of a password that was not quoted.
/// </summary>
/// <param name="Section">Where it is set, such as <c>Storage:PostgreSql</c>.</param>
/// <param name="Text">The setting <c>ConnectionString</c>.</param>
/// <param name="File">The setting <c>ConnectionStringFile</c>.</param>
internal sealed record ConnectionSetting(string Section, string? Text, string? File)
{
    /// <summary>The connection string.</summary>
    /// <exception cref="InvalidOperationException">There is none; said without its text.</exception>
    public string Read() => Read([]) ?? throw new InvalidOperationException($"{Section} has no connection string that can be read.");

    /// <summary>Everything that is wrong with it; nothing when it is right.</summary>
    /// <param name="check">Throws for text that is no connection string, and answers what is missing in one that is.</param>
    public IReadOnlyList<string> Faults(Func<string, IEnumerable<string>> check)
    {
        var faults = new List<string>();
        if (Read(faults) is not { } text)
        {
            return faults;
        }

        try
        {
            faults.AddRange(check(text).Select(missing => $"{Section}: the connection string {missing}."));
        }
        catch (Exception problem) when (problem is ArgumentException or FormatException or KeyNotFoundException or OverflowException)
        {
            faults.Add($"{Section}: the connection string cannot be read. It is a list of Name=Value; with names that the database driver knows; a value that holds ; or = or a quote is put in quotes.");
        }

        return faults;
    }

    private string? Read(List<string> faults)
    {
        var (hasText, hasFile) = (!string.IsNullOrWhiteSpace(Text), !string.IsNullOrWhiteSpace(File));
        if (hasText == hasFile)
        {
            faults.Add(hasText
                ? $"{Section}: ConnectionString and ConnectionStringFile are both set; set one of them."
                : $"{Section}: set ConnectionString, or ConnectionStringFile with the path of a file that holds it.");
            return null;
        }

        if (hasText)
        {
            return Text;
        }

        try
        {
            var text = System.IO.File.ReadAllText(File ?? "").Trim();
            if (text.Length > 0)
            {
                return text;
            }

            faults.Add($"{Section}:ConnectionStringFile names an empty file ('{File}').");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            faults.Add($"{Section}:ConnectionStringFile names a file that cannot be read ('{File}'): {(problem is UnauthorizedAccessException ? "access is denied" : "it is not there")}.");
        }

        return null;
    }
}
