using System.Collections;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting.Settings;

/// <summary>Every setting that a program has: found in the options that it binds, so that no list can fall behind them.</summary>
/// <param name="services">The services of the program, complete when it is asked.</param>
internal sealed class SettingsCatalog(IServiceCollection services)
{
    private const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance;

    // Of the framework's logging, beside our own member.
    private static readonly string[] Foreign = ["Logging:LogLevel:", "Logging:Console:", "Logging:Debug:", "Logging:EventSource:"];

    /// <summary>All settings with their values and sources; secrets masked.</summary>
    public SettingsReport ReportOf(IConfigurationRoot root)
    {
        var lines = All(root).DistinctBy(line => line.Key, StringComparer.OrdinalIgnoreCase).OrderBy(line => line.Key, StringComparer.OrdinalIgnoreCase).ToList();
        string[] keys = [.. lines.Select(line => line.Key)];
        return new SettingsReport(
            [.. lines.Select(line => line with { Value = SecretSettings.Show(line.Key, line.Value) })],
            [.. UnknownOf(root, keys), .. SecretSettings.WarningsOf(root, keys)]);
    }

    /// <summary>Secrets that stand where they must not.</summary>
    public IReadOnlyList<string> FaultsOf(IConfigurationRoot root) => [.. SecretSettings.FaultsOf(root, All(root).Select(line => line.Key)).Distinct(StringComparer.OrdinalIgnoreCase)];

    private IEnumerable<(string Section, Type Type)> Bound() =>
        from descriptor in services
        where descriptor.ServiceType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(IOptionsChangeTokenSource<>)
        let options = descriptor.ServiceType.GetGenericArguments()[0]
        let section = options.GetField("Section", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
        where section is { IsLiteral: true }
        select ((string?)section.GetRawConstantValue() ?? "", options);

    private IEnumerable<SettingLine> All(IConfigurationRoot root) => Bound().SelectMany(bound => Walk(root, bound.Section, bound.Type, Make(bound.Type)));

    private static IEnumerable<SettingLine> Walk(IConfigurationRoot root, string path, Type type, object? instance)
    {
        if (IsLeaf(type))
        {
            var value = root[path];
            return [new SettingLine(path, value ?? Text(instance), value is null ? SettingSources.Default : SettingSources.Of(root, path))];
        }

        if (ElementOf(type) is { } element)
        {
            var children = root.GetSection(path).GetChildren().ToList();
            return children.Count == 0 && root[path] is null
                ? [new SettingLine(path, null, SettingSources.Default)]
                : children.SelectMany(child => Walk(root, child.Path, element, Make(element)));
        }

        return type.GetProperties(Public).Where(IsSetting).SelectMany(property => Walk(root, $"{path}:{property.Name}", property.PropertyType, instance is null ? null : property.GetValue(instance)));
    }

    // What has no setter is bound only where it can be filled; anything else is worked out from the other members.
    private static bool IsSetting(PropertyInfo property) => property.GetIndexParameters().Length == 0
        && (property.CanWrite || (!IsLeaf(property.PropertyType) && (ElementOf(property.PropertyType) is null || property.PropertyType.GetGenericTypeDefinition() == typeof(IList<>))));

    private static bool IsLeaf(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain.IsPrimitive || plain.IsEnum || plain == typeof(string) || plain == typeof(decimal) || plain == typeof(TimeSpan) || plain == typeof(DateTimeOffset) || plain == typeof(Uri);
    }

    private static Type? ElementOf(Type type)
    {
        for (var one = type; one is not null; one = one.BaseType)
        {
            if (one.IsGenericType && typeof(IEnumerable).IsAssignableFrom(one))
            {
                return one.GetGenericArguments()[^1];
            }
        }

        return null;
    }

    private static object? Make(Type type) => IsLeaf(type) || type.IsAbstract || type.GetConstructor(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance, Type.EmptyTypes) is null
        ? null
        : Activator.CreateInstance(type, nonPublic: true);

    private static string? Text(object? value) => value switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private IEnumerable<string> UnknownOf(IConfigurationRoot root, string[] keys)
    {
        var known = keys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var roots = Bound().Select(bound => bound.Section.Split(':')[0]).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        foreach (var (key, value) in root.AsEnumerable())
        {
            if (value is null || known.Contains(key) || !key.Contains(':', StringComparison.Ordinal) || Array.Exists(Foreign, prefix => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            var head = key.Split(':')[0];
            var isOurs = roots.Contains(head, StringComparer.OrdinalIgnoreCase);
            var meant = isOurs ? NearestName.Of(key, keys) : roots.Find(name => name.Length > 4 && NearestName.Between(name.ToUpperInvariant(), head.ToUpperInvariant()) <= 1);
            if (isOurs || meant is not null)
            {
                yield return $"{key} ({SettingSources.Of(root, key)}) is no setting of this program, and does nothing.{(meant is null ? "" : $" Did you mean {meant}?")}";
            }
        }
    }
}
