using Gateway.Api.Startup;
using Gateway.Cli.Startup;
using Gateway.Tests.Support;
using Gateway.Worker.Startup;
using Xunit;

namespace Gateway.Tests.Cli;

/// <summary><c>gateway config validate</c> and what <c>doctor</c> says of settings: asked of what the programs are made of, and nothing is started.</summary>
public sealed class SettingsSpecs : IDisposable
{
    private const string Secret = "hush-7f3a";

    private readonly TestFolder folder = new();

    private string House => folder.File("house");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_wrong_setting_of_a_gateway_is_named_at_once_with_its_value_and_its_limit()
    {
        var faults = ApiHost.FaultsOf(
        [
            "--Data:Folder", House, "--Worker:Slots=abc", "--Worker:Sandbox=Cellar", "--Jobs:MaxQueued=0", "--Retention:Content=99999.00:00:00", "--Health:Timeout=later",
            "--Transport:Kind=Pigeon", "--Auth:Scopes=jobs:fly", "--Edge:MaxRequestBodyBytes=1", "--Credentials:default:Kind=guess", "--Telemetry:OtlpEndpoint=nowhere",
        ]);

        Assert.Contains("Worker:Slots must be a whole number, not 'abc'.", faults);
        Assert.Contains("Worker:Sandbox must be one of Best, Workspace, Process, None, not 'Cellar'.", faults);
        Assert.Contains("Health:Timeout must be a time such as 00:00:30 or 30.00:00:00, not 'later'.", faults);
        Assert.Contains("Jobs:MaxQueued must be between 1 and 1000000, not '0'.", faults);
        Assert.Contains("Edge:MaxRequestBodyBytes must be between 65536 and 67108864, not '1'.", faults);
        Assert.Contains("Transport:Kind must be InMemory or RabbitMq, not 'Pigeon'.", faults);
        foreach (var name in (string[])["Retention:Content", "Auth:Scopes", "Credentials:default:Kind", "Telemetry:OtlpEndpoint"])
        {
            Assert.Contains(faults, fault => fault.StartsWith(name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_worker_and_a_gateway_behind_a_broker_are_judged_as_what_they_are()
    {
        var password = folder.File("password");
        File.WriteAllText(password, Secret);
        File.SetUnixFileMode(password, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string[] broker = ["--Data:Folder", House, "--Transport:Kind=RabbitMq", "--Transport:RabbitMq:Username=gateway", $"--Transport:RabbitMq:PasswordFile={password}"];

        Assert.Empty(WorkerHost.FaultsOf(broker));
        Assert.Equal("Transport:Kind must be RabbitMq: a worker of its own needs a broker between it and the gateway.", Assert.Single(WorkerHost.FaultsOf(["--Data:Folder", House])));
        Assert.Contains("Storage:Provider", Assert.Single(ApiHost.FaultsOf(broker)), StringComparison.Ordinal);
        Assert.Empty(ApiHost.FaultsOf([.. broker, "--Storage:Provider=PostgreSql", $"--Storage:PostgreSql:ConnectionString=Host=db;Database=gateway;Password={Secret}"]));
        var open = WorkerHost.FaultsOf([.. broker, $"--Transport:RabbitMq:Password={Secret}", "--Worker:Slots=0"]);
        Assert.Equal(2, open.Count);
        Assert.DoesNotContain(open, fault => fault.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public void To_ask_makes_no_folder_no_key_and_no_database()
    {
        Assert.Empty(ApiHost.FaultsOf(["--Data:Folder", House]));
        Assert.False(Directory.Exists(House));
    }

    [Fact]
    public void Credentials_are_named_with_what_is_wrong_and_their_values_stay_where_they_are()
    {
        foreach (var name in (string[])["good", "open"])
        {
            File.WriteAllText(folder.File(name), Secret);
            File.SetUnixFileMode(folder.File(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | (name == "open" ? UnixFileMode.OtherRead : UnixFileMode.None));
        }

        var found = ProgramSettings.Create().CredentialsOf(
        [
            "--Data:Folder", House, .. Key("good", folder.File("good")), .. Key("open", folder.File("open")), .. Key("gone", folder.File("gone")),
            "--Credentials:own:Kind=login", "--Credentials:asked:Kind=helper", $"--Credentials:asked:Command={folder.File("good")}",
        ]).ToDictionary(one => one.Name, one => one.Fault);

        Assert.Null(found["good"]);
        Assert.Null(found["own"]);
        Assert.Contains("0600", found["open"], StringComparison.Ordinal);
        Assert.Contains("Credentials:gone:File", found["gone"], StringComparison.Ordinal);
        Assert.Contains("cannot be run", found["asked"], StringComparison.Ordinal);
        Assert.DoesNotContain(found.Values, fault => fault?.Contains(Secret, StringComparison.Ordinal) == true);
    }

    private static string[] Key(string name, string file) => [$"--Credentials:{name}:Kind=api_key", $"--Credentials:{name}:File={file}"];
}
