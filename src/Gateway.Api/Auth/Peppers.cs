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

    private static readonly SecretLines File = new("pepper", "Auth:PepperFile", FileName, "every key of the store is lost");
    private readonly (string Id, byte[] Secret)[] all;

    private Peppers((string Id, byte[] Secret)[] all) => this.all = all;

    /// <summary>Name of the pepper of new hashes.</summary>
    public string Current => all[0].Id;

    /// <summary>Reads the file, and makes it at the first start.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mayCreate">False for a file that somebody named: it comes from elsewhere, and one made here would not know its keys.</param>
    /// <exception cref="InvalidOperationException">There is none, others can read it, or it holds no pepper.</exception>
    public static Peppers Open(string path, bool mayCreate) => new([.. File.Open(path, mayCreate)]);

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
        new(Current.Length < SecretLines.MostIdChars ? Current : Current[..(SecretLines.MostIdChars - 1)], HKDF.DeriveKey(HashAlgorithmName.SHA256, all[0].Secret, SecretLines.SecretBytes, info: "approved-calls"u8.ToArray()));

    /// <summary>Whether it has a pepper.</summary>
    public bool Knows(string pepperId) => all.Any(pepper => pepper.Id == pepperId);
}
