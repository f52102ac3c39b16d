using System.Text;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Execution.Providers;
using Gateway.Tests.Execution.Doubles;
using Gateway.Tests.Execution.Providers.Added;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Execution.Providers;

/// <summary>Adding a provider is adding a folder and registering it: nothing that is there already knows of it.</summary>
public sealed class AddedProviderSpecs
{
    private const string Cli = "added";
    private readonly FakeControlPlane plane = new();
    private readonly Guid session = Guid.NewGuid();

    [Fact]
    public async Task Its_runs_come_by_their_own_queue_and_go_the_way_of_all_others()
    {
        await using var host = await StartAsync("[[fake: dump]]");
        var key = await SubmitAsync(host, Guid.NewGuid(), 1);

        Assert.IsType<RunCompleted>(await plane.OutcomeAsync(key));

        using var seen = JsonDocument.Parse(Encoding.UTF8.GetString(plane.Stored(key, OutputStream.Answer)));
        Assert.Equal(
            $"-p --output-format stream-json --verbose --model m1 --session-id {session}",
            string.Join(' ', seen.RootElement.GetProperty("argv").EnumerateArray().Select(word => word.GetString())));
        Assert.EndsWith("/.added", seen.RootElement.GetProperty("env").GetProperty("CLAUDE_CONFIG_DIR").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_failures_and_its_second_attempts_are_like_those_of_others()
    {
        plane.JobEnded = false;
        await using var host = await StartAsync("[[fake: @1 say half; @1 exit 3; @resume answer whole]]");
        var job = Guid.NewGuid();
        var failed = Assert.IsType<RunFailed>(await plane.OutcomeAsync(await SubmitAsync(host, job, 1)));
        plane.JobEnded = true;
        var second = await SubmitAsync(host, job, 2);

        Assert.Equal((FailureKinds.CliError, 3), (failed.Failure.Kind, failed.Result.ExitCode));
        Assert.Contains($"'{Cli}'", failed.Failure.Message, StringComparison.Ordinal);
        Assert.IsType<RunCompleted>(await plane.OutcomeAsync(second));
        Assert.Equal("whole", Encoding.UTF8.GetString(plane.Stored(second, OutputStream.Answer)));
    }

    private Task<WorkerHost> StartAsync(string prompt)
    {
        plane.Grant = _ => new RunGrant
        {
            Prompt = prompt,
            ArgumentsJson = """{"model":"m1"}""",
            SessionId = session,
            CredentialName = "main",
            Timeout = TimeSpan.FromMinutes(7),
            IdleTimeout = TimeSpan.FromMinutes(1),
        };
        return WorkerHost.StartRealAsync(plane, services =>
        {
            services.AddOptions<AddedOptions>().BindConfiguration(AddedOptions.Section);
            services.AddSingleton<IAgentProvider, AddedProvider>();
        });
    }

    private static async Task<RunKey> SubmitAsync(WorkerHost host, Guid job, int attempt)
    {
        await host.SendAsync(EndpointNames.Run(Cli, EndpointNames.DefaultPool), new RunClaudeRequest { JobId = job, Attempt = attempt, Provider = Cli, Pool = EndpointNames.DefaultPool });
        return new RunKey(job, attempt);
    }
}
