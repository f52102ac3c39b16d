using System.Security.Cryptography.X509Certificates;

namespace Gateway.Hosting.Transports.RabbitMq;

/// <summary>What must hold of <see cref="RabbitMqOptions"/>.</summary>
internal static class RabbitMqRules
{
    private const string Section = $"{TransportOptions.Section}:{nameof(TransportOptions.RabbitMq)}";
    private const int LargestPasswordFileBytes = 64 * 1024;

    private const UnixFileMode OthersMay =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute |
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Every fault; none names a password.</summary>
    public static IReadOnlyList<string> FaultsOf(RabbitMqOptions options) =>
    [
        .. Demand(Uri.CheckHostName(options.Host) != UriHostNameType.Unknown, $"{Section}:Host must be a host name or an address, not '{options.Host}'."),
        .. Demand(options.Port is null or (>= 1 and <= 65_535), $"{Section}:Port must be between 1 and 65535, not {options.Port}."),
        .. Demand(options.VirtualHost.Length > 0, $"{Section}:VirtualHost must not be empty; the broker's first one is '/'."),
        .. Demand(options.Username.Length > 0, $"{Section}:Username is required."),
        .. PasswordFaults(options),
        .. Demand(options.Tls || (options.TlsServerName is null && options.TlsCaFile is null), $"{Section}:TlsServerName and {Section}:TlsCaFile mean nothing without {Section}:Tls=true."),
        .. CaFaults(options.TlsCaFile),
        .. Demand(options.Heartbeat >= TimeSpan.FromSeconds(1) && options.Heartbeat <= TimeSpan.FromMinutes(5), $"{Section}:Heartbeat must be between 0:00:01 and 0:05:00, not {options.Heartbeat}."),
        .. Demand(options.StartTimeout >= TimeSpan.FromSeconds(1) && options.StartTimeout <= TimeSpan.FromMinutes(10), $"{Section}:StartTimeout must be between 0:00:01 and 0:10:00, not {options.StartTimeout}."),
    ];

    /// <summary>The password, from wherever it is kept.</summary>
    public static string PasswordOf(RabbitMqOptions options) =>
        options.PasswordFile is { Length: > 0 } file ? File.ReadAllText(file).Trim() : options.Password ?? "";

    /// <summary>The authorities of a PEM file.</summary>
    public static X509Certificate2Collection AuthoritiesOf(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities;
    }

    private static IEnumerable<string> Demand(bool holds, string fault) => holds ? [] : [fault];

    private static IEnumerable<string> PasswordFaults(RabbitMqOptions options) => (options.Password, options.PasswordFile) switch
    {
        ({ Length: > 0 }, { Length: > 0 }) => [$"{Section}:Password and {Section}:PasswordFile exclude each other."],
        ({ Length: > 0 }, _) => [],
        (_, { Length: > 0 } file) => FileFaults(file),
        _ => [$"{Section}:PasswordFile (or {Section}:Password) is required."],
    };

    private static IEnumerable<string> FileFaults(string path)
    {
        if (!Path.IsPathRooted(path))
        {
            return [$"{Section}:PasswordFile must be an absolute path, not '{path}'."];
        }

        try
        {
            var file = new FileInfo(path);
            return file switch
            {
                { Exists: false } => [$"{Section}:PasswordFile names '{path}', which is not there."],
                _ when (file.UnixFileMode & OthersMay) != 0 => [$"{Section}:PasswordFile names '{path}', which others may use. Give it mode 0600 (chmod 600)."],
                { Length: > LargestPasswordFileBytes } => [$"{Section}:PasswordFile names '{path}', which is too large for a password. Put the password alone into it."],
                _ => Demand(File.ReadAllText(path).Trim().Length > 0, $"{Section}:PasswordFile names '{path}', which is empty."),
            };
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [$"{Section}:PasswordFile names '{path}', which cannot be read: {problem.GetType().Name}."];
        }
    }

    private static IEnumerable<string> CaFaults(string? path)
    {
        if (path is null)
        {
            return [];
        }

        try
        {
            return Demand(Path.IsPathRooted(path) && AuthoritiesOf(path).Count > 0, $"{Section}:TlsCaFile must be the absolute path of a PEM file with a certificate, not '{path}'.");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            return [$"{Section}:TlsCaFile names '{path}', which cannot be read: {problem.GetType().Name}."];
        }
    }
}
