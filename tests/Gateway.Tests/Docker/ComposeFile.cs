using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Gateway.Tests.Docker;

/// <summary><c>docker/compose.yaml</c>, as far as the specs look into it: anchors merged, variables at their defaults.</summary>
internal sealed partial class ComposeFile
{
    private readonly Dictionary<object, object?> _root = (Dictionary<object, object?>)ReadYaml(DockerFiles.Path("compose.yaml"))!;

    public IReadOnlyList<string> Volumes => [.. Map(_root["volumes"]).Keys.Cast<string>()];

    public IReadOnlyDictionary<string, ComposeService> Services =>
        Map(_root["services"]).ToDictionary(service => (string)service.Key, service => new ComposeService((string)service.Key, Map(service.Value)));

    public static object? ReadYaml(string file)
    {
        using var text = File.OpenText(file);
        return new DeserializerBuilder().Build().Deserialize(new MergingParser(new Parser(text)));
    }

    public static Dictionary<object, object?> Map(object? node) => node as Dictionary<object, object?> ?? [];

    public static IReadOnlyList<string> Texts(object? node) => node switch
    {
        null => [],
        Dictionary<object, object?> map => [.. map.Keys.Cast<string>()],
        List<object> list => [.. list.Select(item => WithDefaults((string)item))],
        _ => [WithDefaults((string)node)],
    };

    /// <summary>What compose makes of a value when none of its variables is set.</summary>
    public static string WithDefaults(string text) => Variable().Replace(text, "${default}").Replace("$$", "$", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<!\$)\$\{[A-Z_]+:-(?<default>[^}]*)\}")]
    private static partial Regex Variable();
}
