using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Gateway.Tests.Execution.Workspaces;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>Runs of the real CLIs in worktrees of a repository in which everything that can run a program is a trap.</summary>
public sealed class WorktreeJobSpecs(ModelStubProcess stub) : RealCliHouse(stub)
{
    [Theory]
    [InlineData("claude", "permissionMode", "acceptEdits")]
    [InlineData("codex", "sandboxMode", "workspace-write")]
    public async Task A_worktree_of_a_hostile_repository_springs_no_trap_shows_its_changes_and_stays_with_its_session(string cli, string argument, string writes)
    {
        using var traps = new Traps();
        var repository = Repositories.Hostile(At("shop"), traps);
        var gateway = await StartRealAsync(("Workspaces:Aliases:shop:Path", repository.Folder), ("Workspaces:Aliases:shop:AllowWorktree", "true"));
        var before = Own(repository);
        traps.Sprung();

        var first = await RunAsync(gateway, cli, "[[stub:edit-run notes.txt]]", ("workspace", "shop"), ("worktree", new { name = "try" }), (argument, writes));
        Assert.True(first.Status == "completed", first.ToString());
        Assert.Equal("The tool said: one\nthree", await gateway.Client.AnswerAsync(first.Id));
        var shown = await WorktreeAsync(gateway, first);

        var second = await RunAsync(gateway, cli, "[[stub:bash cat notes.txt c.bin]]", ("sessionId", first.Json.GetProperty("sessionId").GetString()!), (argument, writes));
        Assert.True(second.Status == "completed", second.ToString());
        Assert.StartsWith("The tool said: one\nthree\nversion https://git-lfs", await gateway.Client.AnswerAsync(second.Id), StringComparison.Ordinal);
        var shownAgain = await WorktreeAsync(gateway, second);

        foreach (var tree in (JsonElement[])[shown, shownAgain])
        {
            Assert.Equal(("try", "gateway/try", 1, 2, 0), (Text(tree, "name"), Text(tree, "branch"), Number(tree, "changedFiles"), Number(tree, "insertions"), Number(tree, "deletions")));
            Assert.Equal(repository.Head, Text(tree, "baseCommit"));
            Assert.Contains("+++ b/notes.txt\n@@ -0,0 +1,2 @@\n+one\n+three\n", Text(tree, "diff"), StringComparison.Ordinal);
        }

        Assert.Equal([], traps.Sprung());
        Assert.Equal(before, Own(repository));
        Assert.DoesNotContain(await Stub.RequestsAsync(), request => request.KeyInBody);

        // The traps are none that nobody could spring.
        repository.Git("status");
        repository.Git("checkout", "--quiet", "--force", "HEAD");
        Assert.Superset(new HashSet<string> { "fsmonitor", "hook-post-checkout" }, traps.Sprung().ToHashSet());
    }

    /// <summary>What the checkout of the repository itself holds, and where it stands.</summary>
    private static List<string> Own(HostileRepository repository) =>
    [
        .. Directory.EnumerateFiles(repository.Folder, "*", SearchOption.AllDirectories).Where(file => !file.Contains("/.git/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(file => $"{file}: {File.ReadAllText(file)}"),
        .. ((string[])["HEAD", "config", "index", "refs/heads/main"]).Select(file => $"{file}: {Convert.ToHexString(File.ReadAllBytes(Path.Combine(repository.Folder, ".git", file)))}"),
    ];

    private static async Task<JsonElement> WorktreeAsync(GatewayProcess gateway, JobRecord job) =>
        (await gateway.Client.CallAsync("llm_job_result", new { jobId = job.Id, includeDiff = true })).Good.GetProperty("worktree");

    private static string Text(JsonElement record, string member) => record.GetProperty(member).GetString()!;

    private static int Number(JsonElement record, string member) => record.GetProperty(member).GetInt32();
}
