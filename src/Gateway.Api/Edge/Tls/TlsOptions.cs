using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Edge.Tls;

/// <summary>Section <c>Edge:Tls</c>: the gateway's own certificate. With one, every address is served with TLS 1.2 or 1.3.</summary>
internal sealed class TlsOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Edge:Tls";

    /// <summary>
    /// The certificate: PEM with its issuers behind it, and <see cref="KeyFile"/>; or PKCS#12 (<c>.pfx</c>, <c>.p12</c>), and
    /// <see cref="PasswordFile"/>. Default: none, and no TLS.
    /// </summary>
    public string? CertificateFile { get; init; }

    /// <summary>Private key in PEM, not encrypted, in a file that other users cannot read.</summary>
    public string? KeyFile { get; init; }

    /// <summary>File with the password of a PKCS#12 file. Default: it has none.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>How often the files are looked at; what has changed is used for new connections. 1 s to 1 h, default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LookInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long before its end a certificate is complained of, in health and doctor: 1 h to 90 days, default 14 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "90.00:00:00")]
    public TimeSpan WarnBefore { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Whether there is TLS.</summary>
    internal bool IsOn => !string.IsNullOrEmpty(CertificateFile);

    /// <summary>Every file that makes the certificate.</summary>
    internal IEnumerable<string> Files => new[] { CertificateFile, KeyFile, PasswordFile }.Where(file => !string.IsNullOrEmpty(file)).OfType<string>();

    /// <summary>Whether the file is PKCS#12, by its name.</summary>
    internal bool IsPkcs12 => Path.GetExtension(CertificateFile)?.ToUpperInvariant() is ".PFX" or ".P12";
}

/// <summary>Checks the attributes of <see cref="TlsOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class TlsOptionsValidator : IValidateOptions<TlsOptions>;

/// <summary>Checks that the files make a certificate that can be used today.</summary>
internal sealed class TlsRulesValidator(TimeProvider clock) : IValidateOptions<TlsOptions>
{
    public ValidateOptionsResult Validate(string? name, TlsOptions options)
    {
        if (!options.IsOn)
        {
            return options.Files.Any() ? ValidateOptionsResult.Fail("Edge:Tls has a key or a password and no CertificateFile.") : ValidateOptionsResult.Success;
        }

        try
        {
            CertificateFiles.Read(options, clock.GetUtcNow());
            return ValidateOptionsResult.Success;
        }
        catch (CertificateFaultException problem)
        {
            return ValidateOptionsResult.Fail(problem.Message);
        }
    }
}
