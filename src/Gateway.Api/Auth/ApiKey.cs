using System.Buffers.Text;
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

    private const string Prefix = "gwk_";
    private const int RandomBytes = 32;
    private const int MostFileBytes = 4096;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;
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
        if (!Directory.Exists(dataFolder))
        {
            CreateFolder(dataFolder);
        }

        var path = Path.Combine(dataFolder, FileName);
        var created = !File.Exists(path) && TryCreate(path);
        return new ApiKey(Read(path), created);
    }

    /// <summary>Compares in a time that does not depend on where a wrong key differs.</summary>
    /// <param name="presented">What a caller sent.</param>
    public bool Matches(string presented) => CryptographicOperations.FixedTimeEquals(hash, Hash(presented));

    /// <summary>A key for another purpose that this key alone leads to.</summary>
    internal byte[] Derive(string purpose) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Text), Encoding.UTF8.GetBytes(purpose));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerFolder);
        }
    }

    private static bool TryCreate(string path)
    {
        // Written whole under another name first: a crash in between must not leave half a key, nor two starts two keys.
        var draft = $"{path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerFile;
        }

        try
        {
            using (var file = new FileStream(draft, options))
            {
                file.Write(Encoding.ASCII.GetBytes(Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes)) + "\n"));
                file.Flush(flushToDisk: true);
            }

            return HardLink.TryCreate(draft, path);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static string Read(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerFolder) is var others && others != UnixFileMode.None)
        {
            throw new InvalidOperationException(
                $"The API key in {path} can be used by others ({others}). Run: chmod 600 {path} - or delete it to get a new one at the next start.");
        }

        using var file = File.OpenRead(path);
        var bytes = new byte[(int)Math.Min(file.Length, MostFileBytes)];
        file.ReadExactly(bytes);
        var text = Encoding.ASCII.GetString(bytes).Trim();
        return text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length == Prefix.Length + Base64Url.GetEncodedLength(RandomBytes)
            ? text
            : throw new InvalidOperationException($"{path} holds no key of this gateway. Delete it to get a new one at the next start.");
    }
}
