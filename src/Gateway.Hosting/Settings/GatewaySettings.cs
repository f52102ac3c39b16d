using Gateway.Hosting.Transports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting.Settings;

/// <summary>The one door through which settings enter: defaults that depend on each other, and the environment.</summary>
public static class GatewaySettings
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The data folder, absolute; it need not exist.</summary>
    /// <param name="given">What somebody set; null or empty for the default.</param>
    public static string DataFolder(string? given) => Path.GetFullPath(given is { Length: > 0 }
        ? given
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "gateway"));

    /// <summary>Folders in which a person's programs are looked for.</summary>
    public static IReadOnlyList<string> SearchPath() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);

    /// <summary>
    /// Fills in what was not set: the data folder, and the places inside it. Later sources (files, environment, command
    /// line) still win over these defaults.
    /// </summary>
    /// <param name="configuration">The host's configuration.</param>
    /// <returns>The data folder, absolute; it exists afterwards.</returns>
    public static string UseGatewayDefaults(this IConfigurationManager configuration)
    {
        var folder = configuration.ReadGatewayDefaults();
        Directory.CreateDirectory(folder, OwnerOnly);
        return folder;
    }

    /// <summary>The same for who only looks: nothing is made.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <returns>The data folder, absolute.</returns>
    public static string ReadGatewayDefaults(this IConfigurationManager configuration)
    {
        var folder = DataFolder(configuration[$"{DataOptions.Section}:{nameof(DataOptions.Folder)}"]);
        var defaults = new Dictionary<string, string?>
        {
            ["Data:Folder"] = folder,
            ["Storage:Sqlite:File"] = Path.Combine(folder, "gateway.db"),
            ["Worker:DataFolder"] = Path.Combine(folder, "worker"),
            ["Workspaces:Closed:0"] = folder,
            ["Claude:SearchPath"] = Environment.GetEnvironmentVariable("PATH"),
            ["Codex:SearchPath"] = Environment.GetEnvironmentVariable("PATH"),
            ["Gemini:SearchPath"] = Environment.GetEnvironmentVariable("PATH"),
        };
        if (configuration.TransportOf() == TransportKind.RabbitMq)
        {
            // Another worker can take over a silent one's runs: it should not have to wait long.
            defaults["Leases:Duration"] = "00:03:00";
        }

        if (!configuration.GetSection("Credentials").Exists())
        {
            // Somebody who configured nothing is most likely logged in with the CLI.
            defaults["Credentials:default:Kind"] = "login";
        }

        // Below every other source: a value that somebody set stays.
        configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = defaults });
        return folder;
    }

    /// <summary>What carries messages, asked before any part is there. A wrong word is named with all other faults when the host starts.</summary>
    /// <param name="configuration">The host's configuration.</param>
    public static TransportKind TransportOf(this IConfiguration configuration) =>
        TransportOptions.KindOf(configuration[$"{TransportOptions.Section}:{nameof(TransportOptions.Kind)}"]) ?? TransportKind.InMemory;

    /// <summary>Adds the settings that every host has.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddGatewaySettings(this IServiceCollection services)
    {
        services.AddOptions<TransportOptions>().BindConfiguration(TransportOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TransportOptions>, TransportRulesValidator>();
        services.AddOptions<DataOptions>().BindConfiguration(DataOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DataOptions>, DataOptionsValidator>();
        return services.AddSettingsCatalog();
    }

    /// <summary>Lets settings be listed, and secrets be refused where others can read them; for a program with few settings of its own.</summary>
    /// <param name="services">The program's services.</param>
    public static IServiceCollection AddSettingsCatalog(this IServiceCollection services) => services.AddSingleton(new SettingsCatalog(services));
}
