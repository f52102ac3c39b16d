using System.ComponentModel.DataAnnotations;

namespace Gateway.Api.Auth;

/// <summary>Section <c>Edge</c>: what an HTTP request must look like before anybody asks who sent it.</summary>
internal sealed class EdgeOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Edge";

    /// <summary>Names that <c>Host</c> may carry beside <c>localhost</c>, <c>127.0.0.1</c> and <c>[::1]</c>. Default: none.</summary>
    public IList<string> AllowedHosts { get; init; } = [];

    /// <summary>Origins such as <c>https://tools.example.com</c> that browsers may call from, beside those of the loopback names. Default: none.</summary>
    public IList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Largest body of a request in bytes, 64 KiB to 64 MiB. Default: 8 MiB.</summary>
    [Range(64 * 1024, 64 * 1024 * 1024)]
    public int MaxRequestBodyBytes { get; init; } = 8 * 1024 * 1024;
}
