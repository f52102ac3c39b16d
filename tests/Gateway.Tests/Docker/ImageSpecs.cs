using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Docker;

/// <summary>What can be known of the Dockerfiles without building them.</summary>
public sealed partial class ImageSpecs
{
    public static TheoryData<string> Images => [.. DockerFiles.Images];

    [Theory]
    [MemberData(nameof(Images))]
    public void Everything_that_is_copied_is_in_the_tree_or_in_a_stage(string image)
    {
        var stages = DockerFiles.Instructions(image).Where(i => i.Word == "FROM").Select(i => Stage().Match(i.Arguments)).Where(match => match.Success).Select(match => match.Groups["name"].Value).ToList();
        var copies = DockerFiles.Instructions(image).Where(i => i.Word == "COPY").Select(i => i.Arguments.Split(' ')).ToList();

        Assert.NotEmpty(copies);
        Assert.Empty(copies.Where(words => words[0].StartsWith("--from=", StringComparison.Ordinal)).Select(words => words[0]["--from=".Length..]).Except(stages));
        Assert.All(
            copies.Where(words => !words[0].StartsWith("--", StringComparison.Ordinal)).SelectMany(words => words[..^1]),
            path => Assert.True(Path.Exists(RepositoryFiles.Path(path)), path));
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void Files_that_the_build_needs_from_the_root_are_copied(string image)
    {
        // What a build reads there by itself, or by Directory.Build.props.
        string[] needed = ["global.json", ".editorconfig", .. Directory.GetFiles(RepositoryFiles.Root, "Directory.*").Concat(Directory.GetFiles(RepositoryFiles.Root, "BannedSymbols*")).Select(file => Path.GetFileName(file))];
        var copied = DockerFiles.Instructions(image).Where(i => i.Word == "COPY").SelectMany(i => i.Arguments.Split(' ')).ToList();
        Assert.Empty(needed.Except(copied));
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void The_program_is_one_that_the_image_publishes(string image)
    {
        var published = DockerFiles.Instructions(image).Select(i => Published().Match(i.Arguments)).Single(match => match.Success).Groups["project"].Value;
        Assert.True(File.Exists(RepositoryFiles.Path($"src/{published}/{published}.csproj")));
        Assert.Equal($"[\"/opt/gateway/{published}\"]", Last(image, "ENTRYPOINT"));
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void It_does_not_run_as_root(string image) => Assert.Equal("$APP_UID", Last(image, "USER"));

    [Theory]
    [MemberData(nameof(Images))]
    public void Every_base_is_of_one_version_and_the_sdk_is_that_of_the_repository(string image)
    {
        var bases = DockerFiles.Instructions(image).Where(i => i.Word == "FROM").Select(i => i.Arguments.Split(' ')[0]).ToList();
        Assert.All(bases, name => Assert.Matches(@":\d+\.\d+\.\d+(-[a-z]+)*$", name));
        using var global = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Path("global.json")));
        Assert.Contains($"mcr.microsoft.com/dotnet/sdk:{global.RootElement.GetProperty("sdk").GetProperty("version").GetString()}-noble", bases);
    }

    [Theory]
    [InlineData("api.Dockerfile", "Health__Url", "127.0.0.1")]
    [InlineData("worker.Dockerfile", "Health__Url", "127.0.0.1")]
    public void It_is_asked_whether_it_is_ready_where_it_answers(string image, string setting, string host)
    {
        var asked = HealthAddress().Match(Last(image, "HEALTHCHECK"));

        Assert.True(asked.Success);
        Assert.Equal("/health/ready", asked.Groups["path"].Value);
        Assert.Equal($"http://{host}:{asked.Groups["port"].Value}", DockerFiles.EnvironmentOf(image)[setting]);
    }

    [Fact]
    public void The_worker_brings_the_pinned_cli_and_bubblewrap()
    {
        var text = File.ReadAllText(DockerFiles.Path("worker.Dockerfile"));
        Assert.Contains("@anthropic-ai/claude-code@$(cat claude.version)", text, StringComparison.Ordinal);
        Assert.Contains("COPY build/claude.version", text, StringComparison.Ordinal);
        Assert.Contains("install -y --no-install-recommends bubblewrap", text, StringComparison.Ordinal);
    }

    private static string Last(string image, string word) => DockerFiles.Instructions(image).Last(i => i.Word == word).Arguments;

    [GeneratedRegex(@"/dev/tcp/127\.0\.0\.1/(?<port>\d+) .*GET (?<path>\S+) HTTP")]
    private static partial Regex HealthAddress();

    [GeneratedRegex(@" AS (?<name>\w+)$")]
    private static partial Regex Stage();

    [GeneratedRegex(@"dotnet publish src/(?<project>[\w.]+) ")]
    private static partial Regex Published();
}
