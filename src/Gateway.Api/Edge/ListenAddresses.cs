using Gateway.Api.Auth;
using Gateway.Api.Edge.Tls;
using Gateway.Hosting.Startup;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Edge;

/// <summary>Where the gateway listens, as <c>urls</c> says.</summary>
internal sealed class ListenAddresses
{
    /// <summary>Addresses, separated by semicolons.</summary>
    public string Urls { get; set; } = "";
}

/// <summary>
/// Keys and prompts pass over these addresses. One that other machines can reach without TLS has to be meant: nobody should find out later
/// that it was.
/// </summary>
internal sealed class ListenRules(IOptions<EdgeOptions> edge, IOptions<TlsOptions> tls) : IValidateOptions<ListenAddresses>
{
    /// <summary>As of <c>EX_CONFIG</c>: no restart helps.</summary>
    public const int ExitCode = 78;

    public ValidateOptionsResult Validate(string? name, ListenAddresses options)
    {
        var faults = FaultsOf(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <summary>Everything that is wrong with the addresses.</summary>
    public IEnumerable<string> FaultsOf(ListenAddresses addresses) =>
        addresses.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(FaultOf).OfType<string>();

    /// <summary>Whether only this machine can reach a host of an address.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (System.Net.IPAddress.TryParse(host.Trim('[', ']'), out var address) && System.Net.IPAddress.IsLoopback(address));

    private string? FaultOf(string text)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(text);
        }
        catch (FormatException)
        {
            return $"--urls holds '{text}', which is no address such as http://127.0.0.1:7420.";
        }

        if (address.IsUnixPipe)
        {
            return null;
        }

        var isHttps = address.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase);
        return (isHttps, tls.Value.IsOn) switch
        {
            (true, false) => $"{text} needs a certificate: name one with Edge:Tls:CertificateFile.",
            (false, true) => $"{text} must begin with https: with Edge:Tls:CertificateFile every address is served with TLS.",
            (false, false) when !IsLoopback(address.Host) && edge.Value is { AllowPlainHttp: false, TrustedProxies.Count: 0 } =>
                $"{text} can be reached from other machines, and keys would pass in clear. Give it a certificate (Edge:Tls:CertificateFile, and https), "
                + "or name the proxy before it that has one (Edge:TrustedProxies), or say Edge:AllowPlainHttp=true where the network itself is closed.",
            _ => null,
        };
    }
}

/// <summary>Refuses the start on such addresses, with an exit code that tells a supervisor not to try again.</summary>
public static class ListenRulesExtensions
{
    /// <summary>Checks the addresses alone, before all other settings.</summary>
    /// <param name="services">The services of the host.</param>
    /// <exception cref="StartRefusedException">Callers' keys would pass in clear, or an address cannot be served.</exception>
    public static void RefuseUnsafeAddresses(this IServiceProvider services)
    {
        try
        {
            _ = services.GetRequiredService<IOptions<ListenAddresses>>().Value;
        }
        catch (OptionsValidationException problem) when (problem.OptionsType == typeof(ListenAddresses))
        {
            throw new StartRefusedException("addresses", [.. problem.Failures], ListenRules.ExitCode);
        }
    }
}
