using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Gateway.Tests.Docker;

/// <summary>What can be known of <c>docker/compose.yaml</c> without an engine: everything that it names is there.</summary>
public sealed partial class ComposeSpecs
{
    private static readonly ComposeFile Compose = new();

    private static IEnumerable<ComposeService> Ours => Compose.Services.Values.Where(service => service.Dockerfile is not null);

    [Fact]
    public void Every_variable_of_our_programs_is_a_setting_that_they_have_and_can_read()
    {
        var fromCompose = from service in Ours from pair in service.Environment select (service.Name, pair.Key, pair.Value);
        var fromImages = from image in DockerFiles.Images from pair in DockerFiles.EnvironmentOf(image) select (Name: image, pair.Key, pair.Value);
        var fromUnits = from unit in DockerFiles.AllOf("*.service")
                        from line in File.ReadLines(unit)
                        where line.StartsWith("Environment=", StringComparison.Ordinal)
                        let parts = line.Split('=', 3)
                        select (Name: Path.GetFileName(unit)["gateway-".Length..], parts[1], parts[2]);
        var all = fromCompose.Concat(fromImages).Concat(fromUnits).ToList();

        Assert.True(all.Count > 20, $"Only {all.Count} variables were found.");
        Assert.Empty(all.Select(one => KnownSettings.FaultOf(one.Name.StartsWith("api", StringComparison.Ordinal), one.Item2, one.Item3)).OfType<string>());
    }

    [Fact]
    public void There_is_a_broker_a_database_an_api_and_two_workers_and_the_rest_is_optional() => Assert.Equal(
        ["api", "postgres", "rabbitmq", "secrets", "worker-1", "worker-2"],
        Compose.Services.Values.Where(service => !service.IsOptional).Select(service => service.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_file_folder_volume_and_service_that_is_named_is_there()
    {
        var services = Compose.Services;
        var files = from service in services.Values
                    from path in service.Volumes.Select(volume => volume.From).Where(path => path.StartsWith("./", StringComparison.Ordinal))
                    select DockerFiles.Path(path);
        var builds = from service in Ours select Path.Combine(DockerFiles.Path(service.Context!), service.Dockerfile!);
        Assert.All(files.Concat(builds), path => Assert.True(Path.Exists(path), path));

        var volumes = services.Values.SelectMany(service => service.Volumes).Select(volume => volume.From).Where(name => !name.StartsWith('.')).Distinct();
        Assert.Equal(Compose.Volumes.Order(StringComparer.Ordinal), volumes.Order(StringComparer.Ordinal));
        Assert.Empty(services.Values.SelectMany(service => service.DependsOn).Except(services.Keys));
    }

    [Fact]
    public void A_service_talks_only_to_services_that_are_there()
    {
        var hosts = Ours.SelectMany(service => service.Environment).Where(pair => pair.Key.EndsWith("__Host", StringComparison.Ordinal)).Select(pair => pair.Value)
            .Concat(UrlHost().Matches(string.Concat(DockerFiles.AllOf("*.yaml").Select(File.ReadAllText))).Select(match => match.Groups["host"].Value))
            .Where(host => host != "localhost");
        Assert.Empty(hosts.Except(Compose.Services.Keys));
    }

    [Fact]
    public void Users_of_the_broker_are_those_of_its_definitions()
    {
        using var definitions = JsonDocument.Parse(File.ReadAllText(DockerFiles.Path("rabbitmq/definitions.json")));
        var known = definitions.RootElement.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("name").GetString()!).ToList();
        var used = Ours.Select(service => service.Environment["Transport__RabbitMq__Username"]).ToList();

        Assert.Equal(3, used.Count);
        Assert.Empty(used.Except(known));
    }

    [Fact]
    public void Every_image_that_is_not_ours_is_of_one_version() =>
        Assert.All(Compose.Services.Values.Where(service => service.Dockerfile is null), service => Assert.Matches(@":v?\d+(\.\d+|-CU\d+)", service.Image));

    [Fact]
    public void Every_yaml_file_can_be_read() => Assert.All(DockerFiles.AllOf("*.yaml"), file => Assert.NotNull(ComposeFile.ReadYaml(file)));

    [Fact]
    public void Nothing_secret_stands_in_a_variable() => Assert.DoesNotContain(
        Compose.Services.Values.SelectMany(service => service.Environment.Keys),
        name => SecretName().IsMatch(name) && !name.EndsWith("File", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void Debian_s_docker_compose_takes_it_with_every_profile()
    {
        Assert.SkipUnless(Tool.IsThere("docker-compose"), "docker-compose is not installed");
        var (code, output) = Tool.Run("docker-compose", "-f", DockerFiles.Path("compose.yaml"), "--profile", "sqlserver", "--profile", "monitoring", "config", "--quiet");
        Assert.True(code == 0, output);
    }

    [GeneratedRegex(@"(?:https?://|targets: \[ "")(?<host>[a-z0-9-]+):\d+")]
    private static partial Regex UrlHost();

    [GeneratedRegex("password|secret|token|connectionstring", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
