using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting.Settings;

/// <summary>Finds every wrong setting of a host, and words it: which setting, what it must be, and what it is.</summary>
public static partial class SettingsCheck
{
    /// <summary>Refuses a start with wrong settings, before any part asks for its own and names the first alone.</summary>
    /// <param name="services">The host's services.</param>
    /// <exception cref="OptionsValidationException">All that is wrong, in words.</exception>
    public static void ValidateSettings(this IServiceProvider services)
    {
        var faults = FaultsOf(services);
        if (faults.Count > 0)
        {
            throw new OptionsValidationException("", typeof(object), faults);
        }

        if (services.GetService<SettingsCatalog>() is { } catalog)
        {
            var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(SettingsCheck).FullName ?? "");
            foreach (var warning in catalog.ReportOf(RootOf(services)).Warnings)
            {
                LogWarning(logger, warning);
            }
        }
    }

    /// <summary>Everything that is wrong with the settings of a host that is not started; values that cannot be read at all are among it.</summary>
    /// <param name="compose">Composes the host; gives its configuration to the argument as soon as it is there.</param>
    public static IReadOnlyList<string> FaultsOf(Func<Action<IConfigurationManager>, IHost> compose) =>
        Look(compose, (services, unreadable) => (IReadOnlyList<string>)[.. unreadable, .. FaultsOf(services)]);

    /// <summary>All settings of a host that is not started; values that cannot be read are among the warnings.</summary>
    /// <param name="compose">Composes the host; gives its configuration to the argument as soon as it is there.</param>
    public static SettingsReport ReportOf(Func<Action<IConfigurationManager>, IHost> compose) => Look(compose, (services, unreadable) =>
    {
        var report = services.GetRequiredService<SettingsCatalog>().ReportOf(RootOf(services));
        return report with { Warnings = [.. unreadable, .. report.Warnings] };
    });

    private static T Look<T>(Func<Action<IConfigurationManager>, IHost> compose, Func<IServiceProvider, IReadOnlyCollection<string>, T> question)
    {
        var unreadable = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (true)
        {
            try
            {
                using var host = compose(configuration => configuration.LeaveOut([.. unreadable.Keys]));
                return question(host.Services, unreadable.Values);
            }
            catch (InvalidOperationException problem) when (Unreadable().Match(problem.Message) is { Success: true } found && !unreadable.ContainsKey(found.Groups["key"].Value))
            {
                // The reader stops at the first of these: without it the next look finds the next.
                var key = found.Groups["key"].Value;
                unreadable.Add(key, $"{key} must be {KindOf(found.Groups["type"].Value)}, not '{SecretSettings.Show(key, found.Groups["value"].Value)}'.");
            }
        }
    }

    private static IConfigurationRoot RootOf(IServiceProvider services) => (IConfigurationRoot)services.GetRequiredService<IConfiguration>();

    private static IReadOnlyList<string> FaultsOf(IServiceProvider services) =>
        [.. InvalidOf(services), .. services.GetService<SettingsCatalog>()?.FaultsOf(RootOf(services)) ?? []];

    private static IReadOnlyList<string> InvalidOf(IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException problem)
        {
            return Words([problem], services);
        }
        catch (AggregateException problem) when (problem.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            return Words(problem.InnerExceptions.Cast<OptionsValidationException>(), services);
        }
    }

    private static IReadOnlyList<string> Words(IEnumerable<OptionsValidationException> problems, IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        return [.. problems.SelectMany(problem => problem.Failures.Select(fault => WordsOf(fault, SectionOf(problem.OptionsType), configuration))).Distinct(StringComparer.Ordinal)];
    }

    // An attribute speaks of a class and its member, which nobody has ever written into a file of settings.
    private static string WordsOf(string fault, string? section, IConfiguration configuration)
    {
        var generated = Generated().Match(fault);
        if (section is null || !generated.Success)
        {
            return fault;
        }

        var (key, text) = ($"{section}:{generated.Groups["member"].Value}", generated.Groups["text"].Value);
        return OfAttribute().Match(text) is { Success: true } said
            ? $"{key} {(said.Groups["rule"].Value is { Length: > 0 } rule ? $"{rule}, not '{configuration[key]}'" : "is required")}."
            : text;
    }

    private static string? SectionOf(Type options) =>
        options.GetField("Section", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static) is { IsLiteral: true } field ? (string?)field.GetRawConstantValue() : null;

    private static string KindOf(string type) => AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetType(type)).FirstOrDefault(found => found is not null) switch
    {
        { } known when known == typeof(int) || known == typeof(long) => "a whole number",
        { } known when known == typeof(bool) => "true or false",
        { } known when known == typeof(TimeSpan) => "a time such as 00:00:30 or 30.00:00:00",
        { IsEnum: true } known => $"one of {string.Join(", ", Enum.GetNames(known))}",
        _ => "another kind of value",
    };

    private static void LeaveOut(this IConfigurationManager configuration, string[] keys)
    {
        for (var i = 0; keys.Length > 0 && i < configuration.Sources.Count; i++)
        {
            configuration.Sources[i] = new SourceWithout(configuration.Sources[i], keys);
        }
    }

    [LoggerMessage(EventId = 4030, Level = LogLevel.Warning, Message = "Settings: {Warning}")]
    private static partial void LogWarning(ILogger logger, string warning);

    [GeneratedRegex(@"^Failed to convert configuration value '(?<value>.*)' at '(?<key>[^']+)' to type '(?<type>[^']+)'", RegexOptions.Singleline)]
    private static partial Regex Unreadable();

    [GeneratedRegex(@"^(?<member>\w+): (?<text>.+)$", RegexOptions.Singleline)]
    private static partial Regex Generated();

    [GeneratedRegex(@"^The (?:field \w+\.\w+ (?<rule>must .+)|\w+\.\w+ field is required)\.$", RegexOptions.Singleline)]
    private static partial Regex OfAttribute();
}
