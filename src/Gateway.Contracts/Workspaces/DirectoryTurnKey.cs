using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Contracts.Workspaces;

/// <summary>Name of the turn in a directory in which runs change files, one at a time. The path is not readable in it.</summary>
public static class DirectoryTurnKey
{
    private const string Prefix = "dir:";
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>Names it: <c>dir:</c> and 64 hexadecimal digits.</summary>
    /// <param name="pool">Pool whose workers have the directory: all of them under the same path.</param>
    /// <param name="path">Absolute path in its plain form, without links where these are known.</param>
    public static string Of(string pool, string path) => Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{pool}\n{path}")));

    /// <summary>Whether a text is such a name.</summary>
    /// <param name="text">Any text, also one from outside.</param>
    public static bool IsOne(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length == Prefix.Length + (2 * SHA256.HashSizeInBytes) && text.AsSpan(Prefix.Length).IndexOfAnyExcept(Digits) < 0;
}
