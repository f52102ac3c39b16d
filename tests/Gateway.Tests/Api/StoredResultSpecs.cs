using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Output;
using Gateway.Tests.Jobs;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>The result tool on the real store.</summary>
public sealed class StoredResultSpecs : IDisposable
{
    private static readonly Guid Worker = Guid.NewGuid();
    private readonly TestFolder folder = new();
    private readonly Bench bench = new();

    public void Dispose()
    {
        bench.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Each_attempt_keeps_what_its_run_warned_of_in_fixed_words()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await jobs.SubmitAsync(caller: Bench.Me);
        await jobs.ClaimAsync(id, 1, Worker);
        var first = LifecycleSpecs.Failed(id, 1, Worker, 1, again: true);
        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, first with { Result = first.Result with { Warnings = ["permission_denied", "/etc/passwd", "permission_denied"] } });
        Assert.Equal(["permission_denied"], await CodesAsync(jobs, id));

        await jobs.ClaimAsync(id, 2, Worker);
        Assert.Empty(await CodesAsync(jobs, id));
        Assert.Equal(["permission_denied"], await CodesAsync(jobs, id, attempt: 1));
        var second = LifecycleSpecs.Completed(id, 2, Worker, 1);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, second with { Result = second.Result with { HasAnswer = true, Warnings = ["empty_output", "permission_denied"] } });

        var reply = await ResultAsync(jobs, id);
        Assert.Equal(["permission_denied", "empty_output"], Codes(reply));
        Assert.Contains("holds no text", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("passwd", reply.Record.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_without_warnings_has_no_such_member()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await jobs.SubmitAsync(caller: Bench.Me);
        await jobs.ClaimAsync(id, 1, Worker);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Completed(id, 1, Worker, 1));

        Assert.False((await ResultAsync(jobs, id)).Record.TryGetProperty("warnings", out _));
    }

    [Theory]
    [InlineData("OutputChunks")]
    [InlineData("Attempts")]
    [InlineData("Jobs")]
    public async Task A_store_that_cannot_be_read_is_said_so_without_its_inside(string table)
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await jobs.SubmitAsync(caller: Bench.Me);
        await jobs.ClaimAsync(id, 1, Worker);
        await jobs.Get<IOutputStore>().AppendAsync(
            new RunOutput { JobId = id, Attempt = 1, WorkerId = Worker, Epoch = 1, Stream = OutputStream.Stdout, Offset = 0, Bytes = [65, 66] }, CancellationToken.None);
        Assert.Equal("AB", (await ResultAsync(jobs, id)).Record.GetProperty("result").GetProperty("stdout").GetString());
        using (var file = folder.Open())
        using (var damage = file.CreateCommand())
        {
            damage.CommandText = $"ALTER TABLE {table} RENAME TO Gone";
            damage.ExecuteNonQuery();
        }

        var reply = await bench.CallAsync("llm_job_result", Arguments(id), jobs: Bench.DeskOf(jobs));

        Assert.Equal("policy_unavailable", reply.Kind);
        Assert.True(reply.Error.GetProperty("retryable").GetBoolean());
        Assert.True(reply.Error.GetProperty("retryAfterSeconds").GetInt32() >= 1);
        var words = reply.Record.GetRawText() + reply.Text;
        Assert.All(new[] { table, folder.File(""), "SQL", "gateway.db" }, inside => Assert.DoesNotContain(inside, words, StringComparison.OrdinalIgnoreCase));
    }

    private static string Arguments(Guid id, int? attempt = null) =>
        $$"""{"jobId":"{{JobIdText.Format(id)}}"{{(attempt is null ? "" : $",\"attempt\":{attempt}")}}}""";

    private static IReadOnlyList<string?> Codes(Bench.Reply reply) =>
        reply.Record.TryGetProperty("warnings", out var warnings) ? [.. warnings.EnumerateArray().Select(w => w.GetProperty("code").GetString())] : [];

    private async Task<Bench.Reply> ResultAsync(EmbeddedJobs jobs, Guid id, int? attempt = null) =>
        (await bench.CallAsync("llm_job_result", Arguments(id, attempt), jobs: Bench.DeskOf(jobs))).Succeeds();

    private async Task<IReadOnlyList<string?>> CodesAsync(EmbeddedJobs jobs, Guid id, int? attempt = null) => Codes(await ResultAsync(jobs, id, attempt));
}
