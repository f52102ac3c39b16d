using System.Text.RegularExpressions;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Architecture;

/// <summary>Operators filter logs and set alarms by the number of an event.</summary>
public sealed partial class LogEventSpecs
{
    [Fact]
    public void Every_log_event_has_a_number_of_its_own()
    {
        var numbers = (from file in Directory.EnumerateFiles(RepositoryFiles.Path("src"), "*.cs", SearchOption.AllDirectories)
                       where !file.Contains("/obj/", StringComparison.Ordinal)
                       from Match found in Number().Matches(File.ReadAllText(file))
                       select (Number: found.Groups[1].Value, File: Path.GetFileName(file))).ToList();

        Assert.NotEmpty(numbers);
        Assert.Empty(numbers.GroupBy(one => one.Number).Where(same => same.Count() > 1).Select(same => $"{same.Key}: {string.Join(", ", same.Select(one => one.File))}"));
    }

    [GeneratedRegex(@"\bEventId = ([0-9]+)")]
    private static partial Regex Number();
}
