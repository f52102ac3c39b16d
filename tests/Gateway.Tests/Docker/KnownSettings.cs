using System.Collections;
using System.ComponentModel;
using System.Reflection;
using Gateway.Api.Auth;
using Gateway.Execution.Runs;
using Gateway.Hosting.Settings;
using Gateway.Jobs.Leases;
using Gateway.Storage;

namespace Gateway.Tests.Docker;

/// <summary>Every setting that a program of ours has, found in its options by reflection.</summary>
internal static class KnownSettings
{
    // Of the framework, not of ours.
    private static readonly string[] Framework = ["ASPNETCORE_URLS"];

    private static readonly Assembly[] Shared = [typeof(DataOptions).Assembly, typeof(WorkerOptions).Assembly];

    private static readonly Assembly[] OfApi = [.. Shared, typeof(EdgeOptions).Assembly, typeof(LeaseOptions).Assembly, typeof(GatewayDb).Assembly];

    /// <summary>What is wrong with a variable of the API's or the worker's environment; null when the program has such a setting, and can read the value.</summary>
    public static string? FaultOf(bool isApi, string variable, string value)
    {
        if (Framework.Contains(variable))
        {
            return null;
        }

        var path = variable.Replace("__", ":", StringComparison.Ordinal);
        var (section, options) = Sections(isApi ? OfApi : Shared)
            .Where(known => path.StartsWith(known.Section + ":", StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(known => known.Section.Length)
            .FirstOrDefault();
        if (options is null)
        {
            return $"{variable}: no such section";
        }

        var type = options;
        foreach (var member in path[(section.Length + 1)..].Split(':'))
        {
            type = MemberOf(type, member);
            if (type is null)
            {
                return $"{variable}: {options.Name} has no '{member}'";
            }
        }

        var converter = TypeDescriptor.GetConverter(Nullable.GetUnderlyingType(type) ?? type);
        return converter.IsValid(value) ? null : $"{variable}: '{value}' is no {type.Name}";
    }

    private static IEnumerable<(string Section, Type Options)> Sections(Assembly[] assemblies) =>
        from assembly in assemblies
        from type in assembly.GetTypes()
        where type.Name.EndsWith("Options", StringComparison.Ordinal)
        let section = type.GetField("Section", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
        where section is { IsLiteral: true }
        select ((string)section.GetRawConstantValue()!, type);

    private static Type? MemberOf(Type type, string member)
    {
        for (var one = type; one is not null; one = one.BaseType)
        {
            if (one.IsGenericType && one.GetGenericTypeDefinition() == typeof(Dictionary<,>))
            {
                return one.GetGenericArguments()[1];
            }
        }

        return typeof(IEnumerable).IsAssignableFrom(type) && type.IsGenericType && int.TryParse(member, out _)
            ? type.GetGenericArguments()[0]
            : type.GetProperty(member, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)?.PropertyType;
    }
}
