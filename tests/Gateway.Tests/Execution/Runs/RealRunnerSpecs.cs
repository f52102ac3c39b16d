using System.Text;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Tests.Execution.Doubles;
using Gateway.Tests.Execution.Workspaces;
using Xunit;

namespace Gateway.Tests.Execution.Runs;

/// <summary>The same worker on the real runner and an agent that is a program.</summary>
public sealed class RealRunnerSpecs
{
    private readonly FakeControlPlane _plane = new();

    [Fact]
    public async Task An_agent_is_started_answers_and_leaves_its_conversation()
    {
        await using var host = await StartAsync("hello you");
        var key = await host.SubmitAsync();
        var completed = Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(key));
        Assert.Equal("You said: hello you", Text(key, OutputStream.Answer));
        Assert.NotEmpty(_plane.Stored(key, OutputStream.Transcript));
        Assert.NotNull(completed.Result.Duration);
        Assert.NotNull(completed.Result.Usage?.CostUsd);
        await WorkerHost.UntilAsync(() => host.Table.Slots.Taken == 0, "slot free");
    }

    [Fact]
    public async Task An_agent_sees_its_named_variables_and_the_key_by_descriptor_alone()
    {
        await using var host = await StartAsync("[[fake: dump]]");
        var key = await host.SubmitAsync();
        await _plane.OutcomeAsync(key);
        var seen = Text(key, OutputStream.Answer);
        Assert.Contains("CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR", seen, StringComparison.Ordinal);
        Assert.Contains("GATEWAY_RUN", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-test", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("DOTNET_", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[[fake: stderr oh; exit 3]]", FailureKinds.CliError, 3)]
    [InlineData("[[fake: die KILL]]", FailureKinds.CliError, 137)]
    [InlineData("[[fake: no-result]]", FailureKinds.InvalidOutput, 0)]
    [InlineData("[[fake: is-error no]]", FailureKinds.ApiError, 0)]
    [InlineData("[[fake: api-error 401]]", FailureKinds.AuthError, 1)]
    [InlineData("[[fake: fail error_max_turns]]", FailureKinds.MaxTurns, 1)]
    public async Task An_agent_that_fails_is_named(string prompt, string kind, int exitCode)
    {
        await using var host = await StartAsync(prompt);
        var key = await host.SubmitAsync();
        var failed = Assert.IsType<RunFailed>(await _plane.OutcomeAsync(key));
        Assert.Equal((kind, exitCode), (failed.Failure.Kind, failed.Result.ExitCode));
    }

    [Fact]
    public async Task An_agent_that_is_canceled_is_gone_with_its_children()
    {
        await using var host = await StartAsync("[[fake: print begun; grandchild 300; hang]]");
        var key = await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => Text(key, OutputStream.Stdout).Contains("begun", StringComparison.Ordinal), "begun");
        _plane.Cancels[key] = true;
        Assert.IsType<RunCanceled>(await _plane.OutcomeAsync(key));
        var mark = Encoding.UTF8.GetBytes($"GATEWAY_RUN={key.JobId:D}/");
        Assert.DoesNotContain(Directory.EnumerateDirectories("/proc"), process => Environment(process).AsSpan().IndexOf(mark) >= 0);
    }

    [Fact]
    public async Task A_worker_that_is_replaced_disturbs_no_agent()
    {
        var host = await StartAsync("[[fake: print one; sleep 1500; print two]]");
        try
        {
            var key = await host.SubmitAsync();
            await WorkerHost.UntilAsync(() => Text(key, OutputStream.Stdout).Contains("one", StringComparison.Ordinal), "begun");
            await host.StopAsync();
            await using var next = await host.SucceedAsync();
            Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(key));
            Assert.Contains("two", Text(key, OutputStream.Stdout), StringComparison.Ordinal);
            Assert.Single(_plane.Claims);
            await WorkerHost.UntilAsync(() => next.Table.Slots.Taken == 0, "slot free");
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_agent_in_a_worktree_of_its_own_leaves_what_it_changed_and_the_workspace_as_it_was()
    {
        var folder = Directory.CreateTempSubdirectory("gwx").FullName;
        try
        {
            var repository = new HostileRepository(Path.Combine(folder, "shop"));
            repository.SetTraps();
            var before = repository.Git("status", "--porcelain");
            foreach (var mark in Directory.EnumerateFiles(folder + "/shop-marks"))
            {
                File.Delete(mark);
            }

            _plane.Grant = _ => Grant("[[fake: write made.txt]]") with
            {
                Writes = true,
                Places = new RunPlaces { Work = new RunPlace { Workspace = "shop", Path = "src" }, Worktree = new RunWorktree { Name = "n" } },
            };
            await using var host = await WorkerHost.StartRealAsync(
                _plane, ("Workspaces:Aliases:shop:Path", repository.Folder), ("Workspaces:Aliases:shop:AllowWorktree", "true"));
            var key = await host.SubmitAsync();
            var completed = Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(key));
            Assert.Equal(("n", "gateway/n", repository.Head), (completed.Result.Worktree?.Name, completed.Result.Worktree?.Branch, completed.Result.Worktree?.BaseCommit));
            Assert.True(completed.Result.Worktree?.ChangedFiles > 0);
            Assert.Contains("src/made.txt", Text(key, OutputStream.Diff), StringComparison.Ordinal);
            Assert.Equal(5, completed.Result.Streams.Count);
            Assert.Empty(repository.Sprung);
            Assert.Equal(before, repository.Git("status", "--porcelain"));
            var told = await HeartbeatWithWorkspacesAsync();
            Assert.Equal(("shop", "git", "main"), (told.Alias, told.Kind, told.Branch));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<WorkspaceReport> HeartbeatWithWorkspacesAsync()
    {
        await WorkerHost.UntilAsync(() => _plane.Heartbeats.Any(beat => beat.Workspaces is not null), "workspaces told");
        return Assert.Single(_plane.Heartbeats.First(beat => beat.Workspaces is not null).Workspaces!);
    }

    private async Task<WorkerHost> StartAsync(string prompt)
    {
        _plane.Grant = _ => Grant(prompt);
        return await WorkerHost.StartRealAsync(_plane);
    }

    private static RunGrant Grant(string prompt) => new()
    {
        Prompt = prompt,
        Claude = new ClaudeArguments(),
        SessionId = Guid.NewGuid(),
        CredentialName = "main",
        Timeout = TimeSpan.FromMinutes(7),
        IdleTimeout = TimeSpan.FromMinutes(1),
    };

    private string Text(RunKey key, OutputStream stream) => Encoding.UTF8.GetString(_plane.Stored(key, stream));

    private static byte[] Environment(string process)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(process, "environ"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
