using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.Providers;
using Gateway.Execution.Runs;
using Gateway.Execution.Surveys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Execution.Surveys;

/// <summary>What a worker tells of its CLIs: asked of the programs themselves, and of nobody else.</summary>
public sealed class CliSurveySpecs : IDisposable
{
    private const string Help = "Usage: tool\n  --model <model>  the model\n  --no-model-list\n  -v, --verbose\n";
    private readonly string folder = Directory.CreateTempSubdirectory("gwx").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_program_tells_its_version_and_flags_that_its_help_does_not_name_are_told_missing()
    {
        Install("9.8.7 (Some Tool)");

        var report = Assert.Single((await Survey("--model", "--verbose", "--model-list").LookAsync(anyway: true, CancellationToken.None))!);

        Assert.Equal(("tool", "9.8.7", null), (report.Cli, report.Version, report.Error));
        Assert.Equal(["--model-list"], report.MissingFlags);
    }

    [Fact]
    public async Task What_is_not_installed_or_does_not_say_a_version_is_told_in_words_without_a_path()
    {
        var none = Assert.Single((await Survey().LookAsync(anyway: true, CancellationToken.None))!);
        Install("no number here");
        var silent = Assert.Single((await Survey().LookAsync(anyway: true, CancellationToken.None))!);

        Assert.Equal((null, "The tool CLI is not installed on this worker."), (none.Version, none.Error));
        Assert.Equal((null, "The tool CLI does not say its version."), (silent.Version, silent.Error));
    }

    [Fact]
    public async Task It_is_asked_again_only_when_another_program_is_installed()
    {
        Install("1.0.0");
        var survey = Survey();

        Assert.Equal("1.0.0", Assert.Single((await survey.LookAsync(anyway: false, CancellationToken.None))!).Version);
        Assert.Null(await survey.LookAsync(anyway: false, CancellationToken.None));
        Install("1.0.10");
        Assert.Equal("1.0.10", Assert.Single((await survey.LookAsync(anyway: false, CancellationToken.None))!).Version);
    }

    [Fact]
    public async Task The_login_is_told_by_the_credential_alone_and_never_its_value()
    {
        Install("1.0.0");
        var file = Path.Combine(folder, "key");
        File.WriteAllText(file, "sk-secret");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);

        var found = Assert.Single((await Survey(new CredentialOptions { Kind = "api_key", File = file }).LookAsync(anyway: true, CancellationToken.None))!);
        var own = Assert.Single((await Survey(new CredentialOptions { Kind = "login" }).LookAsync(anyway: true, CancellationToken.None))!);
        var missing = Assert.Single((await Survey(new CredentialOptions { Kind = "api_key", File = file + "x" }).LookAsync(anyway: true, CancellationToken.None))!);

        Assert.Equal((CliLogins.Configured, CliLogins.Own, CliLogins.Missing), (found.Login, own.Login, missing.Login));
        Assert.Contains("Credential 'main'", missing.LoginGuidance!, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-secret", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_sees_no_key_and_no_home_of_a_person()
    {
        File.WriteAllText(Path.Combine(folder, "tool"), "#!/bin/sh\nenv >> \"" + folder + "/seen\"\necho 1.0.0\n");
        File.SetUnixFileMode(Path.Combine(folder, "tool"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

        await Survey().LookAsync(anyway: true, CancellationToken.None);

        var names = File.ReadAllLines(Path.Combine(folder, "seen")).Select(line => line.Split('=')[0]).Distinct().Order(StringComparer.Ordinal);
        Assert.Empty(names.Except(["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_AUTOUPDATER", "GATEWAY_RUN", "GEMINI_TELEMETRY_ENABLED", "HOME", "LANG", "NO_COLOR", "PATH", "PWD", "OLDPWD", "SHLVL", "_"]));
        Assert.Contains(File.ReadAllLines(Path.Combine(folder, "seen")), line => line == $"HOME={folder}/survey-home");
    }

    private void Install(string version)
    {
        var program = Path.Combine(folder, "tool");
        File.WriteAllText(program, $"#!/bin/sh\nif [ \"$1\" = --version ]; then echo '{version}'; else printf '{Help.Replace("\n", "\\n", StringComparison.Ordinal)}'; fi\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private CliSurvey Survey(params string[] flags) => Survey(null, flags);

    private CliSurvey Survey(CredentialOptions? credential, params string[] flags)
    {
        var services = new ServiceCollection().Configure<CredentialsOptions>(all =>
        {
            if (credential is not null)
            {
                all["main"] = credential;
            }
        }).BuildServiceProvider();
        var clock = new FakeTimeProvider();
        var store = new CredentialStore(services.GetRequiredService<IOptionsMonitor<CredentialsOptions>>(), clock, NullLogger<CredentialStore>.Instance);
        var options = Options.Create(new WorkerOptions { DataFolder = folder });
        return new CliSurvey(new CliInspection(store, options), [new Tool(folder, flags)], options, clock, NullLogger<CliSurvey>.Instance);
    }

    private sealed class Tool(string folder, string[] flags) : IAgentProvider
    {
        public string Name => "tool";

        public string ConfigFolder => ".tool";

        public AgentContract Contract => new() { Program = "tool", SearchPath = folder + ":/usr/bin:/bin", CredentialName = "main", Pages = [new(["--help"], flags)] };

        public RunNote Describe(RunNote note, RunGrant grant) => note;

        public AgentCommand Command(AgentLaunch launch) => throw new NotSupportedException();

        public IAgentReader CreateReader(RunNote note) => throw new NotSupportedException();

        public string? FindTranscript(RunNote note) => null;

        public bool CanResume(string path, long fromBytes) => false;
    }
}
