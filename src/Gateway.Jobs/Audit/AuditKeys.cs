using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Policies.Documents;

namespace Gateway.Jobs.Audit;

/// <summary>
/// Makes and checks the keyed hashes of the audit log. New ones are made under the first key, those of the others are known still. Whoever
/// has the database alone can neither guess an argument nor make a record.
/// </summary>
public sealed class AuditKeys
{
    /// <summary>Characters of a hash with the longest key id.</summary>
    public const int HashChars = 16 + 1 + 64;

    private readonly Func<IReadOnlyList<AuditKey>> read;
    private volatile Derived[] all;

    /// <summary>Reads the keys.</summary>
    /// <param name="read">Where they are kept; the first is the one in use.</param>
    public AuditKeys(Func<IReadOnlyList<AuditKey>> read)
    {
        this.read = read;
        all = Derive(read());
    }

    /// <summary>Name of the key of new hashes.</summary>
    public string CurrentId => all[0].Id;

    /// <summary>Reads the keys again, so that a key is changed without a restart.</summary>
    public void Refresh() => all = Derive(read());

    /// <summary>Whether it has a key.</summary>
    /// <param name="id">Name of the key.</param>
    public bool Knows(string id) => Array.Exists(all, key => key.Id == id);

    /// <summary>Of a call's arguments, the same for every spelling of them.</summary>
    /// <param name="arguments">A JSON object.</param>
    public string OfArguments(JsonElement arguments) => Of(all[0], all[0].Arguments, [CanonicalJson.Of(arguments)]);

    /// <summary>Of a record as it is stored.</summary>
    /// <param name="parts">All that is stored of it.</param>
    public string OfRecord(params ReadOnlySpan<string> parts) => Of(all[0], all[0].Records, parts);

    /// <summary>Whether a hash is that of a record.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="parts">All that is stored of it.</param>
    public bool IsOfRecord(string hash, params ReadOnlySpan<string> parts) => Find(hash) is { } key && IsSame(hash, Of(key, key.Records, parts));

    /// <summary>Of a link of the chain.</summary>
    /// <param name="parts">What it holds together.</param>
    public string OfLink(params ReadOnlySpan<string> parts) => Of(all[0], all[0].Links, parts);

    /// <summary>Whether a hash is that of a link.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="parts">What it holds together.</param>
    public bool IsOfLink(string hash, params ReadOnlySpan<string> parts) => Find(hash) is { } key && IsSame(hash, Of(key, key.Links, parts));

    /// <summary>Name of the key that a hash was made under.</summary>
    /// <param name="hash">The hash.</param>
    public static string IdOf(string hash) => hash.Split(':')[0];

    private Derived? Find(string hash) => Array.Find(all, key => key.Id == IdOf(hash));

    private static bool IsSame(string one, string other) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    // Every part with its length before it: no two lists of parts have one text.
    private static string Of(Derived key, byte[] secret, ReadOnlySpan<string> parts)
    {
        var text = new ArrayBufferWriter<byte>();
        foreach (var part in parts)
        {
            Encoding.ASCII.GetBytes(Encoding.UTF8.GetByteCount(part).ToString(CultureInfo.InvariantCulture) + ":", text);
            Encoding.UTF8.GetBytes(part, text);
        }

        return $"{key.Id}:{Convert.ToHexStringLower(HMACSHA256.HashData(secret, text.WrittenSpan))}";
    }

    private static Derived[] Derive(IReadOnlyList<AuditKey> keys) =>
        keys.Count > 0 ? [.. keys.Select(Derived.Of)] : throw new ArgumentException("The audit log needs a key.", nameof(keys));

    /// <summary>A key of its own for each use: a hash of one kind is never one of another.</summary>
    private sealed record Derived(string Id, byte[] Arguments, byte[] Records, byte[] Links)
    {
        private const int Bytes = 32;

        public static Derived Of(AuditKey key) => new(key.Id, From(key, "audit-arguments"), From(key, "audit-records"), From(key, "audit-links"));

        private static byte[] From(AuditKey key, string use) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Secret, Bytes, info: Encoding.ASCII.GetBytes(use));
    }
}
