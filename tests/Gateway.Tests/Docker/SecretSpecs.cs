using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Docker;

/// <summary><c>docker/make-secrets</c>, run for real: each service finds what it looks for, and nothing else.</summary>
public sealed partial class SecretSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public void Every_secret_that_a_service_reads_is_made_for_it_and_belongs_to_its_user_alone()
    {
        Make();
        var services = new ComposeFile().Services.Values.Where(service => service.Name != "secrets");
        var read = from service in services
                   let volume = service.Volumes.FirstOrDefault(volume => volume.To == "/secrets").From
                   where volume is not null
                   from name in service.Words.Concat(service.Volumes.Where(v => v.From.StartsWith("./", StringComparison.Ordinal) && File.Exists(DockerFiles.Path(v.From))).Select(v => File.ReadAllText(DockerFiles.Path(v.From)))).SelectMany(NamesIn)
                   select (Volume: volume["secrets-".Length..], Name: name);
        var made = from file in Directory.GetFiles(_folder.File("secrets"), "*", SearchOption.AllDirectories)
                   let volume = Path.GetFileName(Path.GetDirectoryName(file)!)
                   where volume != "all"
                   select (Volume: volume, Name: Path.GetFileName(file));

        Assert.Equal(made.Order(), read.Distinct().Order());
        Assert.All(Directory.GetFiles(_folder.File("secrets"), "*", SearchOption.AllDirectories), file =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void The_broker_knows_every_user_by_a_hash_of_the_password_that_the_program_reads()
    {
        Make();
        using var definitions = JsonDocument.Parse(Read("rabbitmq/definitions.json"));
        var users = definitions.RootElement.GetProperty("users").EnumerateArray().ToDictionary(user => user.GetProperty("name").GetString()!, user => user.GetProperty("password_hash").GetString()!);

        Assert.Equal(["gateway-api", "gateway-subscriber", "gateway-worker", "operator"], users.Keys.Order(StringComparer.Ordinal));
        Assert.True(Holds(users["gateway-api"], Read("api/broker-password")));
        Assert.True(Holds(users["gateway-worker"], Read("worker/broker-password")));
        Assert.True(Holds(users["operator"], Read("all/broker-operator")));
        Assert.False(Holds(users["operator"], Read("worker/broker-password")));
        Assert.Contains(definitions.RootElement.GetProperty("permissions").EnumerateArray(), permission => permission.GetProperty("user").GetString() == "operator");
    }

    [Fact]
    public void Passwords_stay_from_start_to_start()
    {
        Make();
        var before = Read("api/postgresql");
        Make();
        Assert.Equal(before, Read("api/postgresql"));
    }

    [Fact]
    public void A_worker_is_given_no_password_but_its_own()
    {
        Make();
        Assert.Equal(["anthropic", "broker-password"], Directory.GetFiles(_folder.File("secrets/worker")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<string> NamesIn(string text) => Secret().Matches(text).Select(match => match.Groups["name"].Value);

    // As RabbitMQ does it: base64 of four bytes of salt and SHA-256 of salt and password.
    private static bool Holds(string hash, string password)
    {
        var bytes = Convert.FromBase64String(hash);
        return bytes.Length == 36 && bytes.AsSpan(4).SequenceEqual(SHA256.HashData([.. bytes.AsSpan(0, 4), .. Encoding.UTF8.GetBytes(password.Trim())]));
    }

    private string Read(string name) => File.ReadAllText(_folder.File($"secrets/{name}"));

    private void Make()
    {
        Assert.SkipUnless(Environment.UserName == "root", "files of other users are made by root alone");
        Directory.CreateDirectory(_folder.File("given"));
        File.WriteAllText(_folder.File("given/anthropic"), "key-of-the-test\n");
        var (code, output) = Tool.Run("/bin/bash", DockerFiles.Path("make-secrets"), _folder.File("secrets"), DockerFiles.Path("rabbitmq/definitions.json"), _folder.File("given"));
        Assert.True(code == 0, output);
        Assert.Empty(output);
    }

    [GeneratedRegex(@"(?<![\w])/secrets/(?<name>[a-z.-]+)")]
    private static partial Regex Secret();
}
