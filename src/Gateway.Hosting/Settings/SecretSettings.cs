using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Gateway.Hosting.Settings;

/// <summary>
/// Settings that hold a secret themselves, and not the path of a file with it. Whoever can list processes reads a command line, so none
/// may stand there.
/// </summary>
internal static partial class SecretSettings
{
    /// <summary>What is shown in place of a secret.</summary>
    public const string Mask = "********";

    private static readonly HashSet<string> HandedOn = new(StringComparer.OrdinalIgnoreCase) { "Environment", "Headers" };

    /// <summary>Whether a setting holds a secret, by its name.</summary>
    public static bool Is(string key) => IsHandedOn(key) || (SecretName().IsMatch(key) && !NamesFile(key));

    /// <summary>A value as it may be shown.</summary>
    public static string? Show(string key, string? value) => string.IsNullOrEmpty(value) ? value : Is(key) ? Mask : UserInfo().Replace(value, $"$1{Mask}@");

    /// <summary>A fault for each secret on the command line.</summary>
    public static IEnumerable<string> FaultsOf(IConfigurationRoot root, IEnumerable<string> keys) =>
        from key in keys
        where IsSet(root, key) && SettingSources.Of(root, key) == SettingSources.CommandLine
        select $"{key} stands on the command line with a secret, where every user of this machine can read it. Give it in the environment ({key.Replace(":", "__", StringComparison.Ordinal)}), or in a file of mode 0600 ({FileOf(key)}).";

    /// <summary>A warning for each secret in a file of settings that others can read.</summary>
    public static IEnumerable<string> WarningsOf(IConfigurationRoot root, IEnumerable<string> keys) =>
        from key in keys
        where IsSet(root, key)
        let file = SettingSources.OpenFileOf(root, key)
        where file is not null
        select $"{key} is a secret in {file}, which others can read. Run: chmod 600 {file} - or give it in a file of its own ({FileOf(key)}).";

    // What goes on to another program may be one, whatever its name; the paths of files with such values stand beside them, by the same names.
    private static bool IsHandedOn(string key) => key.Split(':') is [_, .., var member, _] && HandedOn.Contains(member);

    private static bool NamesFile(string key) => key.Split(':') is [_, .., var member, _] && HandedOn.Any(one => string.Equals(member, one.TrimEnd('s') + "Files", StringComparison.OrdinalIgnoreCase));

    private static string FileOf(string key) => key.Split(':') is [.. var place, var member, var name] && IsHandedOn(key)
        ? $"{string.Join(':', place)}:{member.TrimEnd('s')}Files:{name}"
        : key + "File";

    // A connection string can do without a password.
    private static bool IsSet(IConfigurationRoot root, string key) =>
        Is(key) && root[key] is { Length: > 0 } value && (!key.EndsWith("ConnectionString", StringComparison.OrdinalIgnoreCase) || Password().IsMatch(value));

    [GeneratedRegex("(?:password|passphrase|secret|token|connectionstring|apikey)$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"(?:^|;)\s*(?:password|pwd|psw|pw)\s*=\s*[^;\s]", RegexOptions.IgnoreCase)]
    private static partial Regex Password();

    [GeneratedRegex(@"(\b[a-z][a-z0-9+.-]*://)[^\s/@]+@", RegexOptions.IgnoreCase)]
    private static partial Regex UserInfo();
}
