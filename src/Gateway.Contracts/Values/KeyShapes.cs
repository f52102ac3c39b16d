using System.Buffers;
using System.Text;

namespace Gateway.Contracts.Values;

/// <summary>
/// Keys in words that are about to be kept or logged: known by how those of model providers, ours and some others begin. Both sides of the
/// wire look their words through: a worker works on untrusted text, and the control plane does not trust what a worker says.
/// </summary>
public static class KeyShapes
{
    private const int LeastRest = 12;
    private const string Blot = "[redacted]";
    private static readonly string[] Beginnings = ["sk-", "AIza", "gwk_", "ghp_", "github_pat_", "xai-", "AKIA", "eyJ"];
    private static readonly SearchValues<string> Anchors = SearchValues.Create(Beginnings, StringComparison.Ordinal);
    private static readonly SearchValues<char> KeyChars = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.*");

    /// <summary>The text with each key replaced. One pass, whatever the text is.</summary>
    /// <param name="text">Words about a failure, or of a log.</param>
    public static string Without(string text)
    {
        StringBuilder? clean = null;
        var (done, look) = (0, 0);
        while (text.AsSpan(look).IndexOfAny(Anchors) is var at and >= 0)
        {
            var start = look + at;
            var rest = text.AsSpan(start).IndexOfAnyExcept(KeyChars) is var end and >= 0 ? end : text.Length - start;
            var isWord = start > 0 && char.IsAsciiLetterOrDigit(text[start - 1]);
            if (!isWord && rest >= LeastRest)
            {
                clean = (clean ?? new StringBuilder(text.Length)).Append(text, done, start - done).Append(Blot);
                done = start + rest;
            }

            look = start + Math.Max(rest, 1);
        }

        return clean is null ? text : clean.Append(text, done, text.Length - done).ToString();
    }
}
