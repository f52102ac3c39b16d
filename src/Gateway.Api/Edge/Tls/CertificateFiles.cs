using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Api.Edge.Tls;

/// <summary>Reads a certificate with its key and its issuers from files.</summary>
internal static class CertificateFiles
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The certificate.</summary>
    /// <param name="options">The files.</param>
    /// <param name="now">The time at which it has to hold.</param>
    /// <exception cref="CertificateFaultException">There is none that can be used.</exception>
    public static SslStreamCertificateContext Read(TlsOptions options, DateTimeOffset now)
    {
        var file = options.CertificateFile ?? "";
        try
        {
            Guard(options);
            var (leaf, issuers) = options.IsPkcs12 ? ReadPkcs12(file, options.PasswordFile) : ReadPem(file, options.KeyFile ?? "");
            return now < leaf.NotAfter
                ? SslStreamCertificateContext.Create(leaf, issuers, offline: true)
                : throw new CertificateFaultException($"Edge:Tls:CertificateFile: the certificate in {file} has expired, on {leaf.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC.");
        }
        catch (Exception problem) when (problem is CryptographicException or ArgumentException)
        {
            throw new CertificateFaultException($"Edge:Tls:CertificateFile: {file} holds no certificate that can be read with {Companion(options)}; they may be of two different pairs.", problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CertificateFaultException($"Edge:Tls: {string.Join(" or ", options.Files)} cannot be read: {(problem is UnauthorizedAccessException ? "access is denied" : "it is not there")}.", problem);
        }
    }

    private static void Guard(TlsOptions options)
    {
        if (!options.IsPkcs12 && string.IsNullOrEmpty(options.KeyFile))
        {
            throw new CertificateFaultException("Edge:Tls:KeyFile is required beside a certificate in PEM. For PKCS#12 the name of the file ends with .pfx or .p12.");
        }

        var secret = options.IsPkcs12 ? options.CertificateFile : options.KeyFile;
        if (secret is not null && File.Exists(secret) && (File.GetUnixFileMode(secret) & Others) != 0)
        {
            throw new CertificateFaultException($"Edge:Tls: the private key in {secret} can be read by every user. Run: chmod o-rw {secret}");
        }
    }

    private static string Companion(TlsOptions options) =>
        options.IsPkcs12 ? options.PasswordFile is { Length: > 0 } password ? $"the password in {password}" : "no password" : $"the key in {options.KeyFile}";

    private static (X509Certificate2 Leaf, X509Certificate2Collection Issuers) ReadPem(string file, string keyFile)
    {
        var text = File.ReadAllText(file);
        var all = new X509Certificate2Collection();
        all.ImportFromPem(text);
        var leaf = X509Certificate2.CreateFromPem(text, File.ReadAllText(keyFile));
        all.RemoveAt(0);
        return (leaf, all);
    }

    private static (X509Certificate2 Leaf, X509Certificate2Collection Issuers) ReadPkcs12(string file, string? passwordFile)
    {
        var password = passwordFile is { Length: > 0 } ? File.ReadAllText(passwordFile).TrimEnd('\r', '\n') : null;
        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password, X509KeyStorageFlags.EphemeralKeySet);
        var leaf = all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new CryptographicException("No private key.");
        all.Remove(leaf);
        return (leaf, all);
    }
}
