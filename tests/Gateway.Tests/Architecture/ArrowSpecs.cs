using System.Xml.Linq;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Architecture;

/// <summary>The walls of the house, read from the project files and the assemblies.</summary>
public sealed class ArrowSpecs
{
    private const int LongestFile = 400;

    // The table of the design: from, and what it may use. Api and Cli compose in Program.cs what is behind the bar.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Contracts"] = [],
        ["Policies"] = [],
        ["Jobs"] = ["Contracts", "Policies"],
        ["Execution"] = ["Contracts", "Processes"],
        ["Processes"] = [],
        ["Runner"] = ["Processes"],
        ["SagaPersistence"] = [],
        ["Storage"] = ["Contracts", "Policies", "Jobs", "SagaPersistence"],
        ["Hosting"] = ["Contracts"],
        ["Api"] = ["Contracts", "Policies", "Jobs", "Hosting", "Execution", "Storage"],
        ["Worker"] = ["Contracts", "Execution", "Hosting"],
        ["Cli"] = ["Contracts", "Policies", "Hosting", "Jobs", "Execution", "Storage", "Api", "Worker"],
    };

    // Named in Program.cs and the host's start folder alone.
    private static readonly Dictionary<string, string[]> ComposedOnly = new()
    {
        ["Api"] = ["Execution", "Storage"],
        ["Cli"] = ["Jobs", "Execution", "Storage", "Api", "Worker"],
    };

    [Fact]
    public void Every_project_uses_only_what_the_table_allows()
    {
        var projects = Directory.GetFiles(RepositoryFiles.Path("src"), "*.csproj", SearchOption.AllDirectories);
        Assert.Equal(12, projects.Length);
        var wrong = from file in projects
                    let name = Short(file)
                    from reference in XDocument.Load(file).Descendants("ProjectReference")
                    where (string?)reference.Attribute("ReferenceOutputAssembly") != "false"
                    let target = Short((string?)reference.Attribute("Include") ?? "")
                    where !Allowed.TryGetValue(name, out var targets) || !targets.Contains(target)
                    select $"{name} may not use {target}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void What_a_host_only_composes_is_named_in_its_program_and_start_files_alone()
    {
        var wrong = from host in ComposedOnly
                    from file in SourcesOf(RepositoryFiles.Path($"src/Gateway.{host.Key}"))
                    where Path.GetFileName(file) != "Program.cs" && !file.Contains("/Startup/", StringComparison.Ordinal)
                    from line in File.ReadLines(file)
                    from target in host.Value
                    where line.StartsWith($"using Gateway.{target}", StringComparison.Ordinal)
                    select $"{file}: {line}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_program_lies_beside_another_one()
    {
        var runner = XDocument.Load(RepositoryFiles.Path("src/Runner.targets")).Descendants("ProjectReference").Single();
        var tool = XDocument.Load(RepositoryFiles.Path("src/Gateway.Cli/Gateway.Cli.csproj"));

        Assert.Equal("false", (string?)runner.Attribute("Private"));
        Assert.Equal(["false", "false"], tool.Descendants().Where(property => property.Name.LocalName.StartsWith("_GetChildProjectCopyTo", StringComparison.Ordinal)).Select(property => property.Value));
    }

    [Fact]
    public void Masstransit_stays_below_nine_exactly_pinned()
    {
        var packages = XDocument.Load(RepositoryFiles.Path("Directory.Packages.props")).Descendants("PackageVersion");
        foreach (var package in packages.Where(p => ((string?)p.Attribute("Include"))?.StartsWith("MassTransit", StringComparison.Ordinal) == true))
        {
            Assert.Matches(@"^\[8\.\d+\.\d+\]$", (string?)package.Attribute("Version"));
        }

        Assert.True(typeof(MassTransit.IBus).Assembly.GetName().Version is { Major: 8 });
    }

    [Fact]
    public void Public_classes_are_sealed_unless_made_for_subclasses()
    {
        var assemblies = new[] { "Contracts", "Policies", "Jobs", "Execution", "Processes", "SagaPersistence", "Storage", "Hosting", "Api" }
            .Select(name => System.Reflection.Assembly.Load($"Gateway.{name}"));
        var open = (from assembly in assemblies
                    from type in assembly.GetExportedTypes()
                    where type is { IsClass: true, IsSealed: false, IsAbstract: false }
                        && type.Namespace?.StartsWith("Gateway", StringComparison.Ordinal) == true
                    select type).ToList();

        // What EF generates cannot be sealed, and shows that open classes are found.
        Assert.Contains(open, type => type.Name == "Initial");
        Assert.DoesNotContain(open, type => type.Namespace?.EndsWith(".Migrations", StringComparison.Ordinal) != true);
    }

    [Fact]
    public void No_product_file_is_longer_than_four_hundred_lines()
    {
        var longer = from file in SourcesOf(RepositoryFiles.Path("src"))
                     let lines = File.ReadLines(file).Count()
                     where lines > LongestFile
                     select $"{file}: {lines}";
        Assert.Empty(longer);
    }

    [Fact]
    public void Every_project_has_a_readme_of_at_most_forty_lines()
    {
        var wrong = from project in Directory.GetFiles(RepositoryFiles.Path("src"), "*.csproj", SearchOption.AllDirectories)
                    let readme = Path.Combine(Path.GetDirectoryName(project) ?? "", "README.md")
                    where File.Exists(readme) && File.ReadLines(readme).Count() > 40
                    select readme;
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("BannedSymbols.txt", "P:System.DateTimeOffset.UtcNow", "P:System.DateTime.UtcNow", "T:System.Diagnostics.Stopwatch", "M:System.Threading.Tasks.Task.Delay(System.TimeSpan)", "P:System.Threading.Tasks.Task`1.Result")]
    [InlineData("BannedSymbols.Processes.txt", "T:System.Diagnostics.Process", "T:System.Diagnostics.ProcessStartInfo")]
    [InlineData("BannedSymbols.Settings.txt", "M:System.Environment.GetEnvironmentVariable(System.String)", "T:Microsoft.Extensions.Configuration.IConfiguration")]
    public void What_is_banned_stays_banned(string list, params string[] symbols)
    {
        var banned = File.ReadLines(RepositoryFiles.Path(list)).Select(line => line.Split(';')[0]).ToHashSet();
        Assert.Empty(symbols.Except(banned));
        Assert.Contains($"$(MSBuildThisFileDirectory){list}", File.ReadAllText(RepositoryFiles.Path("Directory.Build.props")), StringComparison.Ordinal);
        Assert.Contains("dotnet_diagnostic.RS0030.severity = error", File.ReadAllText(RepositoryFiles.Path(".editorconfig")), StringComparison.Ordinal);
    }

    private static string Short(string file) => Path.GetFileNameWithoutExtension(file.Replace('\\', '/')).Replace("Gateway.", "", StringComparison.Ordinal);

    private static IEnumerable<string> SourcesOf(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/Migrations/", StringComparison.Ordinal));
}
