using System.Buffers.Text;
using System.Security.Cryptography;

namespace Gateway.Api.Auth;

/// <summary>How a key is written: <c>gwk_</c> and 256 random bits in 43 characters.</summary>
internal static class KeyText
{
    private const string Mark = "gwk_";
    private const int RandomBytes = 32;
    private const int PublicChars = 12;
    private static readonly int Length = Mark.Length + Base64Url.GetEncodedLength(RandomBytes);

    /// <summary>A new key.</summary>
    public static string New() => Mark + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>Whether a text has the form of a key.</summary>
    public static bool IsWhole(string text) =>
        text.Length == Length && text.StartsWith(Mark, StringComparison.Ordinal) && Base64Url.IsValid(text.AsSpan(Mark.Length));

    /// <summary>The part that may be seen: 72 of its bits.</summary>
    /// <param name="key">A whole key.</param>
    public static string PrefixOf(string key) => key.Substring(Mark.Length, PublicChars);
}
