using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Keys;

namespace Gateway.Api.Auth;

/// <summary>
/// The secrets under which keys are hashed, so that a dump of the database opens nothing. A file of lines <c>ID SECRET</c>: new
/// hashes are made under the first, those of the others are known still.
/// </summary>
internal sealed class Peppers
{
    /// <summary>Name of the file in the data folder.</summary>
    public const string FileName = "pepper";

    private const int SecretBytes = 32;
    private const int MostIdChars = 16;
    private const int NewIdChars = 8;
    private readonly (string Id, byte[] Secret)[] all;

    private Peppers((string Id, byte[] Secret)[] all) => this.all = all;

    /// <summary>Name of the pepper of new hashes.</summary>
    public string Current => all[0].Id;

    /// <summary>Reads the file, and makes it at the first start.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mayCreate">False for a file that somebody named: it comes from elsewhere, and one made here would not know its keys.</param>
    /// <exception cref="InvalidOperationException">There is none, others can read it, or it holds no pepper.</exception>
    public static Peppers Open(string path, bool mayCreate)
    {
        if (mayCreate)
        {
            SecretFile.CreateOnce(path, static () => $"{RandomNumberGenerator.GetHexString(NewIdChars, lowercase: true)} {Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}");
        }
        else if (!File.Exists(path))
        {
            throw new InvalidOperationException($"Auth:PepperFile names {path}, which is not there. Copy the file pepper of the data folder of another gateway on this database, with mode 0600.");
        }

        var lines = SecretFile.Read(path, "pepper", "move it away to begin anew, with which every key of the store is lost").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var read = Array.ConvertAll(lines, line => Parse(line) ?? throw new InvalidOperationException($"{path} holds a line that is no pepper. Each line is an id of 1 to {MostIdChars} letters or digits, a blank, and {SecretBytes} bytes in base64url; the first line is the one in use."));
        return read.Length > 0 && read.DistinctBy(pepper => pepper.Id).Count() == read.Length
            ? new Peppers(read)
            : throw new InvalidOperationException($"{path} must hold one pepper a line, with ids that differ.");
    }

    /// <summary>The hash of a key under a pepper; under another one where that is unknown, so that the work is the same.</summary>
    /// <param name="key">The key.</param>
    /// <param name="pepperId">The pepper; null for that of new hashes.</param>
    public KeyHash Hash(string key, string? pepperId = null)
    {
        var (id, secret) = all.FirstOrDefault(pepper => pepper.Id == pepperId, all[0]);
        return new KeyHash(id, Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(key))));
    }

    /// <summary>Makes the keyed hashes of calls that a person has to decide, under a key of its own made of the current pepper.</summary>
    public CallSeal ToCallSeal() =>
        new(Current.Length < MostIdChars ? Current : Current[..(MostIdChars - 1)], HKDF.DeriveKey(HashAlgorithmName.SHA256, all[0].Secret, SecretBytes, info: "approved-calls"u8.ToArray()));

    /// <summary>Whether it has a pepper.</summary>
    public bool Knows(string pepperId) => all.Any(pepper => pepper.Id == pepperId);

    private static (string Id, byte[] Secret)? Parse(string line) =>
        line.Split(' ') is [{ Length: > 0 and <= MostIdChars } id, var text] && id.All(char.IsAsciiLetterOrDigit)
            && Base64Url.IsValid(text, out var length) && length == SecretBytes
            ? (id, Base64Url.DecodeFromChars(text))
            : null;
}
