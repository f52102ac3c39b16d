using Gateway.Contracts.Values;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers;

/// <summary>
/// An argument vector in the making. The edge has checked names already; this is the last line before they could become
/// options of the CLI.
/// </summary>
/// <param name="fixedPart">What every run begins with.</param>
internal sealed class Argv(IEnumerable<string> fixedPart)
{
    private readonly List<string> _words = [.. fixedPart];

    /// <summary>All of it.</summary>
    public IReadOnlyList<string> Words => _words;

    /// <summary>Adds a flag that has no value.</summary>
    /// <param name="flag">The flag.</param>
    /// <param name="set">Whether it was asked for.</param>
    public void Switch(string flag, bool set)
    {
        if (set)
        {
            _words.Add(flag);
        }
    }

    /// <summary>Adds a flag and a text of any kind.</summary>
    /// <param name="flag">The flag.</param>
    /// <param name="value">Its value; null adds nothing.</param>
    /// <exception cref="RunRefusedException">The value holds NUL, at which the kernel would end the argument without a word.</exception>
    public void Value(string flag, string? value)
    {
        if (value is null)
        {
            return;
        }

        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw RunRefusedException.Of(FailureKinds.Rejected, $"The value for {flag} holds a NUL character. Remove it.");
        }

        _words.Add(flag);
        _words.Add(value);
    }

    /// <summary>Adds a flag and a name, which must not look like another flag.</summary>
    /// <param name="flag">The flag.</param>
    /// <param name="name">Its value; null adds nothing.</param>
    /// <exception cref="RunRefusedException">It is empty, begins with <c>-</c> or holds NUL.</exception>
    public void Name(string flag, string? name) => Value(flag, name is null ? null : Checked(flag, name));

    /// <summary>Adds one flag and all names behind it; no names add nothing.</summary>
    /// <param name="flag">The flag.</param>
    /// <param name="names">Its values.</param>
    /// <exception cref="RunRefusedException">One is empty, begins with <c>-</c> or holds NUL.</exception>
    public void Names(string flag, IReadOnlyList<string> names)
    {
        if (names.Count > 0)
        {
            _words.Add(flag);
            _words.AddRange(names.Select(name => Checked(flag, name)));
        }
    }

    /// <summary>Adds a flag and names with commas between them, in one word; an empty list is an empty word, which says none at all.</summary>
    /// <param name="flag">The flag.</param>
    /// <param name="names">Its value; null adds nothing.</param>
    /// <exception cref="RunRefusedException">One is empty, begins with <c>-</c> or holds NUL.</exception>
    public void List(string flag, IReadOnlyList<string>? names) =>
        Value(flag, names is null ? null : string.Join(',', names.Select(name => Checked(flag, name))));

    private static string Checked(string flag, string name) => name.Length > 0 && name[0] != '-' && !name.Contains('\0', StringComparison.Ordinal)
        ? name
        : throw RunRefusedException.Of(FailureKinds.Rejected, $"A value for {flag} is empty, begins with '-' or holds a NUL character. Change it.");
}
