using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Api.Policies;

/// <summary>All files of one look, in the shape in which the operator keeps them.</summary>
internal abstract record PolicyFiles
{
    private const int DigestDigits = 16;

    private PolicyFiles()
    {
    }

    private IReadOnlyList<PolicyFile> All => this switch
    {
        One one => [one.Policy],
        ByLabel labels => labels.Policies,
        Granted granted => [granted.GrantsFile, .. granted.Policies],
        _ => [],
    };

    /// <summary><c>sha256:</c> and the first 16 hex digits of a hash over names and bytes.</summary>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in All)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{file.Name.Length}:{file.Name}{file.Content.Length}:")));
            hash.AppendData(file.Content);
        }

        return $"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset())[..DigestDigits]}";
    }

    /// <summary>There is none: the gateway's own policy holds, for its own key alone.</summary>
    public sealed record None : PolicyFiles;

    /// <summary>One policy for every API key.</summary>
    /// <param name="Policy">The policy.</param>
    public sealed record One(PolicyFile Policy) : PolicyFiles;

    /// <summary>A policy for each label of an API key, which is the name of the file.</summary>
    /// <param name="Policies">The policies.</param>
    public sealed record ByLabel(IReadOnlyList<PolicyFile> Policies) : PolicyFiles;

    /// <summary>A grants file that names its policies.</summary>
    /// <param name="GrantsFile">The grants file.</param>
    /// <param name="Policies">All other files of the folder; those that are not named are not read as policies.</param>
    public sealed record Granted(PolicyFile GrantsFile, IReadOnlyList<PolicyFile> Policies) : PolicyFiles;
}
