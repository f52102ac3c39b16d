using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Gateway.Hosting.Settings;

/// <summary>Where settings come from.</summary>
internal static class SettingSources
{
    public const string Default = "default";
    public const string Environment = "environment";
    public const string CommandLine = "command line";

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Who has set a key: the last of those who name it.</summary>
    public static string Of(IConfigurationRoot root, string key) => ProviderOf(root, key) switch
    {
        CommandLineConfigurationProvider => CommandLine,
        EnvironmentVariablesConfigurationProvider => Environment,
        FileConfigurationProvider file => $"file {PathOf(file)}",
        _ => Default,
    };

    /// <summary>The file that has set a key, where other users can read it; else null.</summary>
    public static string? OpenFileOf(IConfigurationRoot root, string key) =>
        ProviderOf(root, key) is FileConfigurationProvider file && PathOf(file) is { } path && File.Exists(path) && (File.GetUnixFileMode(path) & Others) != 0 ? path : null;

    private static string? PathOf(FileConfigurationProvider file) => file.Source.Path is { } path ? file.Source.FileProvider?.GetFileInfo(path).PhysicalPath ?? path : null;

    private static IConfigurationProvider? ProviderOf(IConfigurationRoot root, string key)
    {
        foreach (var provider in root.Providers.Reverse())
        {
            if (!provider.TryGet(key, out _))
            {
                continue;
            }

            return provider switch
            {
                ChainedConfigurationProvider { Configuration: IConfigurationRoot inner } => ProviderOf(inner, key),
                SourceWithout.Provider { Inner: var inner } => inner,
                _ => provider,
            };
        }

        return null;
    }
}
