using System.Security.Cryptography;
using System.Text;

namespace Gateway.Api.Auth;

/// <summary>
/// The key of an embedded gateway: <c>gwk_</c> and 32 random bytes, in a file of the data folder that its owner alone can
/// read. Anybody who can read it can have programs run, so a key that others can read is refused.
/// </summary>
public sealed class ApiKey
{
    /// <summary>Name of the file in the data folder.</summary>
    public const string FileName = "api-key";

    private readonly byte[] hash;

    private ApiKey(string text, bool created)
    {
        Text = text;
        WasCreated = created;
        hash = Hash(text);
    }

    /// <summary>A key that nobody has, for a host that is composed and never started.</summary>
    internal static ApiKey Nobodys { get; } = new("", created: false);

    /// <summary>The key, to be shown once when it was created.</summary>
    public string Text { get; }

    /// <summary>True when this start made it.</summary>
    public bool WasCreated { get; }

    /// <summary>Reads the key, or makes it at the first start.</summary>
    /// <param name="dataFolder">The data folder; made with mode 0700 when it is not there.</param>
    /// <exception cref="InvalidOperationException">Others can read the file, or it holds no key; the message says what to do.</exception>
    public static ApiKey OpenOrCreate(string dataFolder)
    {
        var path = Path.Combine(dataFolder, FileName);
        var created = SecretFile.CreateOnce(path, static () => KeyText.New());
        var text = SecretFile.Read(path, "API key", "delete it to get a new one at the next start");
        return KeyText.IsWhole(text)
            ? new ApiKey(text, created)
            : throw new InvalidOperationException($"{path} holds no key of this gateway. Delete it to get a new one at the next start.");
    }

    /// <summary>Compares in a time that does not depend on where a wrong key differs.</summary>
    /// <param name="presented">What a caller sent.</param>
    public bool Matches(string presented) => CryptographicOperations.FixedTimeEquals(hash, Hash(presented));

    /// <summary>A key for another purpose that this key alone leads to.</summary>
    internal byte[] Derive(string purpose) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Text), Encoding.UTF8.GetBytes(purpose));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
