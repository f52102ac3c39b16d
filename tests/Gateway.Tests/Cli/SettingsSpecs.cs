using Gateway.Api.Startup;
using Gateway.Cli.Startup;
using Gateway.Hosting.Settings;
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
        File.WriteAllText(folder.File("connection"), $"Host=db;Database=gateway;Password={Secret}");
        Assert.Empty(ApiHost.FaultsOf([.. broker, "--Storage:Provider=PostgreSql", $"--Storage:PostgreSql:ConnectionStringFile={folder.File("connection")}"]));
        var open = WorkerHost.FaultsOf([.. broker, $"--Transport:RabbitMq:Password={Secret}", "--Worker:Slots=0"]);
        Assert.Equal(3, open.Count);
        Assert.DoesNotContain(open, fault => fault.Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", null, null)]
    [InlineData("http://localhost:1;http://[::1]:1", null, null)]
    [InlineData("http://0.0.0.0:1", null, "can be reached from other machines")]
    [InlineData("http://127.0.0.1:1;http://*:1", null, "http://*:1 can be reached")]
    [InlineData("http://[::]:1", null, "can be reached from other machines")]
    [InlineData("http://gateway.example.com:1", null, "can be reached from other machines")]
    [InlineData("http://0.0.0.0:1", "Edge:AllowPlainHttp=true", null)]
    [InlineData("http://0.0.0.0:1", "Edge:TrustedProxies:0=10.0.0.5", null)]
    [InlineData("https://0.0.0.0:1", null, "needs a certificate")]
    [InlineData("nonsense", null, "no address")]
    [InlineData("http://127.0.0.1:1", "Edge:TrustedProxies:0=0.0.0.0/0", "not everybody")]
    [InlineData("http://127.0.0.1:1", "Edge:TrustedProxies:0=proxy", "Edge:TrustedProxies holds 'proxy'")]
    [InlineData("http://127.0.0.1:1", "Edge:AllowedHosts:0=*", "Edge:AllowedHosts holds '*'")]
    [InlineData("http://127.0.0.1:1", "Edge:AllowedOrigins:0=tools.example.com", "Edge:AllowedOrigins holds")]
    public void An_address_that_others_can_reach_has_tls_or_a_named_proxy_or_somebody_said_otherwise(string urls, string? setting, string? words)
    {
        var faults = ApiHost.FaultsOf(["--Data:Folder", House, "--urls", urls, .. setting is null ? (string[])[] : ["--" + setting]]);

        if (words is null)
        {
            Assert.Empty(faults);
        }
        else
        {
            Assert.Contains(words, Assert.Single(faults), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_secret_on_the_command_line_is_refused_with_the_ways_that_nobody_else_can_read()
    {
        var faults = ApiHost.FaultsOf(
        [
            "--Data:Folder", House, "--Transport:Kind=RabbitMq", "--Transport:RabbitMq:Username=gateway", $"--Transport:RabbitMq:Password={Secret}",
            "--Storage:Provider=PostgreSql", $"--Storage:PostgreSql:ConnectionString=Host=db;Database=gateway;Password={Secret}",
        ]);

        Assert.Equal(2, faults.Count);
        Assert.Contains(faults, fault => fault.Contains("Transport__RabbitMq__Password", StringComparison.Ordinal) && fault.Contains("Transport:RabbitMq:PasswordFile", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("Storage:PostgreSql:ConnectionStringFile", StringComparison.Ordinal));
        Assert.DoesNotContain(faults, fault => fault.Contains(Secret, StringComparison.Ordinal));
        Assert.Empty(ApiHost.FaultsOf(["--Data:Folder", House, "--Storage:PostgreSql:ConnectionString=Host=/run/postgresql;Database=gateway"]));
    }

    [Fact]
    public void What_an_MCP_server_is_given_is_a_secret_whatever_its_name()
    {
        var file = folder.File("appsettings.json");
        File.WriteAllText(file, $$"""{ "McpServers": { "notes": { "Command": "/usr/bin/node", "Environment": { "NOTES": "{{Secret}}" }, "EnvironmentFiles": { "OTHER_TOKEN": "/etc/other" } } } }""");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        var report = ApiHost.ReportOf(["--Data:Folder", House, "--contentRoot", folder.Path]);
        Assert.Contains(report.Settings, line => line == new SettingLine("McpServers:notes:Environment:NOTES", "********", $"file {file}"));
        Assert.Contains(report.Settings, line => line is { Key: "McpServers:notes:EnvironmentFiles:OTHER_TOKEN", Value: "/etc/other" });
        Assert.Contains(report.Warnings, warning => warning.Contains("McpServers:notes:EnvironmentFiles:NOTES", StringComparison.Ordinal));
        Assert.DoesNotContain(report.Warnings, warning => warning.Contains("no setting of this program", StringComparison.Ordinal));
        var fault = Assert.Single(ApiHost.FaultsOf(["--Data:Folder", House, "--McpServers:docs:Url=http://127.0.0.1:9/", "--McpServers:docs:HeaderFiles:X-Token=/etc/token", $"--McpServers:docs:Headers:Authorization={Secret}"]));
        Assert.Contains("(McpServers:docs:HeaderFiles:Authorization)", fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_in_a_file_that_others_can_read_is_warned_of()
    {
        var file = folder.File("appsettings.json");
        File.WriteAllText(file, $$"""{ "Transport": { "RabbitMq": { "Password": "{{Secret}}" } } }""");
        foreach (var (mode, warned) in new[] { (UnixFileMode.UserRead | UnixFileMode.OtherRead, true), (UnixFileMode.UserRead, false) })
        {
            File.SetUnixFileMode(file, mode);
            var report = ApiHost.ReportOf(["--Data:Folder", House, "--contentRoot", folder.Path]);

            Assert.Equal(warned, report.Warnings.Any(warning => warning.Contains($"chmod 600 {file}", StringComparison.Ordinal)));
            Assert.Contains(report.Settings, line => line == new SettingLine("Transport:RabbitMq:Password", "********", $"file {file}"));
            Assert.DoesNotContain(report.Warnings, warning => warning.Contains(Secret, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Every_setting_in_force_is_shown_with_who_has_set_it_and_secrets_are_masked()
    {
        var lines = ApiHost.ReportOf(["--Data:Folder", House, "--Edge:AllowedHosts:0=gateway.example.com", "--Worker:Slots=7", $"--Claude:BaseUrl=https://me:{Secret}@proxy.example.com/x", "--Credentials:own:Kind=login"])
            .Settings.ToDictionary(line => line.Key, line => (line.Value, line.Source));

        Assert.Equal(("8388608", "default"), lines["Edge:MaxRequestBodyBytes"]);
        Assert.Equal(("00:01:00", "default"), lines["Edge:SignIn:Window"]);
        Assert.Equal(("gateway.example.com", "command line"), lines["Edge:AllowedHosts:0"]);
        Assert.Equal(("7", "command line"), lines["Worker:Slots"]);
        Assert.Equal((House, "command line"), lines["Data:Folder"]);
        Assert.Equal(("https://********@proxy.example.com/x", "command line"), lines["Claude:BaseUrl"]);
        Assert.Equal(("login", "command line"), lines["Credentials:own:Kind"]);
        Assert.Equal((null, "default"), lines["Transport:RabbitMq:TlsCaFile"]);
        Assert.DoesNotContain(WorkerHost.ReportOf(["--Data:Folder", House]).Settings, line => line.Key.StartsWith("Edge:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Edge:MaxRequestBodySize", "Edge:MaxRequestBodyBytes")]
    [InlineData("Edge:AllowedHost:0", "Edge:AllowedHosts")]
    [InlineData("Worker:Slot", "Worker:Slots")]
    [InlineData("Storge:Provider", "Storage")]
    [InlineData("Transport:RabbitMq:Pasword", "Transport:RabbitMq:Password")]
    public void A_setting_that_does_nothing_is_named_with_the_one_that_was_meant(string key, string meant)
    {
        var warning = Assert.Single(ApiHost.ReportOf(["--Data:Folder", House, $"--{key}=hush-1"]).Warnings);

        Assert.StartsWith($"{key} (command line) is no setting", warning, StringComparison.Ordinal);
        Assert.Contains($"Did you mean {meant}", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-1", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_are_known_or_of_the_framework_are_not_warned_of() => Assert.Empty(ApiHost.ReportOf(
    [
        "--Data:Folder", House, "--Logging:LogLevel:Default=Debug", "--Logging:Format=json", "--Workspaces:Roots:0=/srv", "--Credentials:own:Kind=login", "--Auth:Issuers:0:Issuer=https://id.example.com", "--urls=http://127.0.0.1:1",
    ]).Warnings);

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

    [Fact]
    public void MCP_servers_are_named_with_what_is_missing_on_this_machine()
    {
        var found = ProgramSettings.Create().McpServersOf(
        [
            "--Data:Folder", House, "--McpServers:good:Command=/usr/bin/env", "--McpServers:gone:Command=/usr/bin/no-such-program",
            "--McpServers:key:Url=http://127.0.0.1:9/", $"--McpServers:key:HeaderFiles:Authorization={folder.File("gone")}",
        ]).ToDictionary(one => one.Name, one => one.Fault);

        Assert.Null(found["good"]);
        Assert.Contains("McpServers:gone:Command", found["gone"], StringComparison.Ordinal);
        Assert.Contains("McpServers:key:HeaderFiles:Authorization has no file", found["key"], StringComparison.Ordinal);
    }

    private static string[] Key(string name, string file) => [$"--Credentials:{name}:Kind=api_key", $"--Credentials:{name}:File={file}"];
}
