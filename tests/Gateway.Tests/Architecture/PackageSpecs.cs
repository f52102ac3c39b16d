using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Architecture;

/// <summary>What comes in from others: known by name, licence and version, and nothing but that is shipped.</summary>
public sealed class PackageSpecs
{
    private static readonly IReadOnlyList<(string Name, string Version, string Project)> Locked = [.. ReadLocks()];

    [Fact]
    public void Every_package_is_on_the_list_and_states_the_licence_that_was_read()
    {
        var approved = LinesOf("packages.approved.txt").Select(line => line.Split(' ', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        var names = Locked.Select(one => one.Name).Distinct().ToList();

        Assert.Empty(names.Except(approved.Keys));
        Assert.Empty(approved.Keys.Except(names));
        Assert.DoesNotContain(approved, one => one.Value.Contains("GPL", StringComparison.OrdinalIgnoreCase));
        var stated = Locked.Select(one => (one.Name, one.Version)).Distinct().Select(one => (one.Name, Licence: LicenceOf(one.Name, one.Version))).Where(one => one.Licence is not null).ToList();
        Assert.True(stated.Count > 100, $"only {stated.Count} packages lie in the cache");
        Assert.DoesNotContain(stated, one => one.Licence != approved[one.Name]);
    }

    [Fact]
    public void What_was_found_bad_is_in_no_graph_not_even_behind_another_package()
    {
        var denied = LinesOf("packages.denied.txt").Select(Rule.Read).ToList();

        Assert.Empty(from package in Locked from rule in denied where rule.Forbids(package.Name, package.Version) select $"{package.Project}: {package.Name} {package.Version}: {rule.Why}");
        Assert.Contains(denied, rule => rule.Forbids("MassTransit.RabbitMQ", "9.0.0") && !rule.Forbids("MassTransit.RabbitMQ", "8.5.12"));
        Assert.Contains(denied, rule => rule.Forbids("Npgsql", "8.0.2") && !rule.Forbids("Npgsql", "10.0.3") && !rule.Forbids("Npgsql.EntityFrameworkCore.PostgreSQL", "8.0.2"));
        Assert.Contains(denied, rule => rule.Forbids("moq", "4.20.72"));
    }

    [Fact]
    public void Versions_stand_in_one_file_and_float_nowhere()
    {
        var wrong = from file in Directory.EnumerateFiles(RepositoryFiles.Root, "*.csproj", SearchOption.AllDirectories)
                    from reference in XDocument.Load(file).Descendants("PackageReference")
                    where reference.Attribute("Version") is not null || reference.Attribute("VersionOverride") is not null
                    select $"{file}: {reference}";
        var versions = XDocument.Load(RepositoryFiles.Path("Directory.Packages.props")).Descendants().Where(e => e.Name.LocalName is "PackageVersion" or "GlobalPackageReference").Select(e => (string?)e.Attribute("Version"));

        Assert.Empty(wrong);
        Assert.All(versions, version => Assert.Matches(@"^\[?\d+(\.\d+)+\]?$", version));
    }

    [Theory]
    [InlineData("Gateway.Api")]
    [InlineData("Gateway.Worker")]
    [InlineData("Gateway.Runner")]
    [InlineData("Gateway.Cli")]
    public void What_is_built_is_what_was_locked(string project)
    {
        var name = project == "Gateway.Cli" ? "gateway" : project;
        var folder = Path.Combine(RepositoryFiles.Path("artifacts"), "bin", project, new DirectoryInfo(AppContext.BaseDirectory).Name);
        using var stated = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, $"{name}.deps.json")));
        var shipped = stated.RootElement.GetProperty("libraries").EnumerateObject().Where(library => library.Value.GetProperty("type").GetString() == "package").Select(library => library.Name).ToList();
        var locked = Locked.Where(one => one.Project == project).Select(one => $"{one.Name}/{one.Version}").ToHashSet(StringComparer.OrdinalIgnoreCase);

        Assert.True(shipped.Count > 0 || project == "Gateway.Runner");
        Assert.DoesNotContain(shipped, library => !locked.Contains(library));
    }

    private static IEnumerable<string> LinesOf(string file) =>
        File.ReadLines(RepositoryFiles.Path($"tests/Gateway.Tests/Architecture/{file}")).Where(line => line.Length > 0 && line[0] != '#');

    private static IEnumerable<(string Name, string Version, string Project)> ReadLocks()
    {
        var projects = Directory.GetFiles(RepositoryFiles.Root, "*.csproj", SearchOption.AllDirectories);
        Assert.True(projects.Length > 15);
        foreach (var project in projects)
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(project) ?? "", "packages.lock.json")));
            foreach (var package in json.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(framework => framework.Value.EnumerateObject()).Where(one => one.Value.GetProperty("type").GetString() != "Project"))
            {
                Assert.True(package.Value.TryGetProperty("contentHash", out _), $"{package.Name} is locked without its hash");
                yield return (package.Name, package.Value.GetProperty("resolved").GetString() ?? "", Path.GetFileNameWithoutExtension(project));
            }
        }
    }

    /// <summary>As the package itself states it; null when it is not in the cache, since nothing here needs it.</summary>
    private static string? LicenceOf(string name, string version)
    {
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var file = Path.Combine(cache, name.ToLowerInvariant(), version, $"{name.ToLowerInvariant()}.nuspec");
        return File.Exists(file) ? XDocument.Load(file).Descendants().FirstOrDefault(e => e.Name.LocalName == "license")?.Value ?? "none" : null;
    }

    private sealed record Rule(string Name, string Sign, Version Limit, string Why)
    {
        public static Rule Read(string line)
        {
            var parts = line.Split(' ');
            return parts[1] == "*"
                ? new Rule(parts[0], "*", new Version(0, 0), string.Join(' ', parts[2..]))
                : new Rule(parts[0], parts[1], Number(parts[2]), string.Join(' ', parts[3..]));
        }

        public bool Forbids(string name, string version) => Fits(name) && Sign switch
        {
            ">=" => Number(version) >= Limit,
            "<" => Number(version) < Limit,
            "*" => true,
            _ => throw new FormatException($"{Name} {Sign}: the sign must be >=, < or *."),
        };

        private bool Fits(string name) => Name.EndsWith('*') ? name.StartsWith(Name[..^1], StringComparison.OrdinalIgnoreCase) : name.Equals(Name, StringComparison.OrdinalIgnoreCase);

        // Four numbers, so that 9 and 9.0.0 are one.
        private static Version Number(string text)
        {
            var numbers = text.Split('-', '+')[0].Split('.').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).Concat([0, 0, 0]).Take(4).ToArray();
            return new Version(numbers[0], numbers[1], numbers[2], numbers[3]);
        }
    }
}
