using System.Buffers.Text;
using System.Security.Cryptography;

namespace Gateway.Api.Auth;

/// <summary>A file of secrets with names, one a line: <c>ID SECRET</c>. The first is in use, the others are known still.</summary>
/// <param name="What">What it holds, in the words of a fault.</param>
/// <param name="Setting">The setting that may name it.</param>
/// <param name="FileName">Its name in the data folder.</param>
/// <param name="Loss">What is lost without it.</param>
internal sealed record SecretLines(string What, string Setting, string FileName, string Loss)
{
    /// <summary>Most characters of a name.</summary>
    public const int MostIdChars = 16;

    /// <summary>Bytes of a secret.</summary>
    public const int SecretBytes = 32;

    private const int NewIdChars = 8;

    /// <summary>Reads the file, and makes it at the first start.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mayCreate">False for a file that somebody named: it comes from elsewhere, and one made here would not know what others made.</param>
    /// <exception cref="InvalidOperationException">There is none, others can read it, or it holds no secret.</exception>
    public IReadOnlyList<(string Id, byte[] Secret)> Open(string path, bool mayCreate)
    {
        if (mayCreate)
        {
            SecretFile.CreateOnce(path, static () => $"{RandomNumberGenerator.GetHexString(NewIdChars, lowercase: true)} {Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}");
        }
        else if (!File.Exists(path))
        {
            throw new InvalidOperationException($"{Setting} names {path}, which is not there. Copy the file {FileName} of the data folder of another gateway on this database, with mode 0600.");
        }

        var lines = SecretFile.Read(path, What, $"move it away to begin anew, with which {Loss}").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var read = Array.ConvertAll(lines, line => Parse(line) ?? throw new InvalidOperationException($"{path} holds a line that is no {What}. Each line is an id of 1 to {MostIdChars} letters or digits, a blank, and {SecretBytes} bytes in base64url; the first line is the one in use."));
        return read.Length > 0 && read.DistinctBy(one => one.Id).Count() == read.Length
            ? read
            : throw new InvalidOperationException($"{path} must hold one {What} a line, with ids that differ.");
    }

    private static (string Id, byte[] Secret)? Parse(string line) =>
        line.Split(' ') is [{ Length: > 0 and <= MostIdChars } id, var text] && id.All(char.IsAsciiLetterOrDigit)
            && Base64Url.IsValid(text, out var length) && length == SecretBytes
            ? (id, Base64Url.DecodeFromChars(text))
            : null;
}
