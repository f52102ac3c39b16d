using System.Security.Cryptography;
using System.Text;
using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Sessions;
using Gateway.Storage.Model;
using Gateway.Tests.Support;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class ConversationSpecsOnSqlite() : ConversationSpecs(Databases.Sqlite);

public sealed class ConversationSpecsOnPostgreSql() : ConversationSpecs(Databases.PostgreSql);

/// <summary>What a run goes on with: an earlier attempt's transcript or its session's, handed to the holder of the lease alone.</summary>
public abstract class ConversationSpecs(Databases databases)
{
    private static readonly Guid Worker = Guid.NewGuid();
    private static readonly Guid Other = Guid.NewGuid();

    [Fact]
    public async Task A_session_goes_on_with_the_transcript_and_the_totals_of_the_job_that_ended()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var first = await jobs.SubmitAsync();
        Assert.Null((await jobs.ClaimAsync(first, 1, Worker)).Granted!.Grant.Conversation);
        await SayAsync(jobs, first, 1, Worker, "one\n");
        var end = Completed(first, 1, Worker, "one\n", 0.25m, 100);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, end);
        // Told again, it is counted once.
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, end);

        var session = (await jobs.JobAsync(first)).SessionId;
        var row = await SessionAsync(jobs, session);
        Assert.Equal((first, 1, 4L, 0.25m, 100L, "opus-x"), (row.HeadJobId, row.HeadAttempt, row.HeadBytes, row.CostUsd, row.InputTokens, row.Model));

        var second = await jobs.SubmitAsync(Resuming(session));
        var grant = (await jobs.ClaimAsync(second, 1, Other)).Granted!.Grant;
        var told = grant.Conversation!;
        Assert.Equal((ConversationSource.Session, 4L, 4L, Hash("one\n"), 0.25m, true), (told.Source, told.TranscriptBytes, told.EarlierBytes, told.Sha256, told.Earlier!.CostUsd, grant.Resume));
        Assert.Equal((session, session, (Guid?)null), (grant.SessionId, grant.WorkOfSession, told.WrittenAs));
        Assert.Equal("one\n", await FetchAsync(jobs, second, 1, Other));

        await SayAsync(jobs, second, 1, Other, "one\ntwo\n");
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Completed(second, 1, Other, "one\ntwo\n", 0.5m, 10));
        row = await SessionAsync(jobs, session);
        Assert.Equal((second, 8L, 0.75m, 110L), (row.HeadJobId, row.HeadBytes, row.CostUsd, row.InputTokens));
    }

    [Theory]
    [InlineData("worker")]
    [InlineData("epoch")]
    [InlineData("attempt")]
    [InlineData("job")]
    [InlineData("lost")]
    [InlineData("over")]
    [InlineData("ended")]
    [InlineData("beyond")]
    public async Task Nobody_but_the_holder_of_a_lease_that_goes_on_is_given_a_transcript(string what)
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var (session, _) = await SaidAsync(jobs, "one\n");
        var stranger = await jobs.SubmitAsync();
        await jobs.ClaimAsync(stranger, 1, Other);
        var id = await jobs.SubmitAsync(Resuming(session));
        await jobs.ClaimAsync(id, 1, Worker, 2);
        var question = new FetchTranscript { JobId = id, Attempt = 1, WorkerId = Worker, Epoch = 2, Offset = 0 };
        Assert.NotNull(await AskAsync(jobs, question));

        question = what switch
        {
            "worker" => question with { WorkerId = Other },
            "epoch" => question with { Epoch = 1 },
            "attempt" => question with { Attempt = 2 },
            "job" => question with { JobId = stranger, WorkerId = Other },
            "beyond" => question with { Offset = 4 },
            _ => question,
        };
        if (what is "lost" or "over")
        {
            await jobs.ReadAsync(db => db.Leases.Where(l => l.JobId == id).ExecuteUpdateAsync(
                set => set.SetProperty(l => l.Lost, what == "lost").SetProperty(l => l.UntilMs, l => what == "over" ? 1 : l.UntilMs)));
        }

        if (what == "ended")
        {
            await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Completed(id, 1, Worker, "", 0, 0) with { Epoch = 2 });
        }

        Assert.Null(await AskAsync(jobs, question));
    }

    [Fact]
    public async Task A_second_attempt_is_given_what_the_first_left_however_large_and_knows_where_its_own_begins()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var (session, _) = await SaidAsync(jobs, "one\n");
        var id = await jobs.SubmitAsync(Resuming(session) with { Writes = true });
        await jobs.ClaimAsync(id, 1, Worker);
        var all = "one\n" + new string('x', 200_000) + "\ntorn";
        await SayAsync(jobs, id, 1, Worker, all);
        await LoseAsync(jobs, id);

        var told = (await jobs.ClaimAsync(id, 2, Other)).Granted!.Grant.Conversation!;
        Assert.Equal((ConversationSource.OwnAttempt, (long)all.Length, 4L, (string?)null), (told.Source, told.TranscriptBytes, told.EarlierBytes, told.Sha256));
        Assert.Equal(all, await FetchAsync(jobs, id, 2, Other));

        // Lost while it was still sending what it had been given: the longer one counts, also for whoever comes after the job.
        await SayAsync(jobs, id, 2, Other, "one\nxx");
        await LoseAsync(jobs, id);
        told = (await jobs.ClaimAsync(id, 3, Worker)).Granted!.Grant.Conversation!;
        Assert.Equal(all.Length, told.TranscriptBytes);
        await LoseAsync(jobs, id, "Failed");
        var row = await SessionAsync(jobs, session);
        Assert.Equal((id, 1, (long)all.Length - 4), (row.HeadJobId, row.HeadAttempt, row.HeadBytes));
    }

    [Theory]
    [InlineData(false, ConversationSource.Session, 4)]
    [InlineData(true, ConversationSource.OwnAttempt, 0)]
    public async Task A_lost_run_of_which_nothing_is_stored_begins_at_the_head_again_only_if_it_reads(bool writes, ConversationSource source, long bytes)
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var (session, first) = await SaidAsync(jobs, "one\n");
        var id = await jobs.SubmitAsync(Resuming(session) with { Writes = writes });
        await jobs.ClaimAsync(id, 1, Worker);
        await SayAsync(jobs, id, 1, Worker, "one");
        await LoseAsync(jobs, id);

        var told = (await jobs.ClaimAsync(id, 2, Other)).Granted!.Grant.Conversation!;
        Assert.Equal((source, bytes, 4L), (told.Source, told.TranscriptBytes, told.EarlierBytes));
        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, Reports.Failed(id, 2, Other, "It could not be begun."));
        Assert.Equal((first, 4L), ((await SessionAsync(jobs, session)).HeadJobId, (await SessionAsync(jobs, session)).HeadBytes));
    }

    [Fact]
    public async Task A_fork_goes_on_with_what_was_said_when_it_was_accepted_and_leaves_the_other_as_it_was()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var (session, first) = await SaidAsync(jobs, "one\n");
        var fork = await jobs.SubmitAsync(EmbeddedJobs.Request() with { Conversation = new ConversationChoice { Resumes = session, Forks = true } });
        var second = await jobs.SubmitAsync(Resuming(session));
        await jobs.ClaimAsync(second, 1, Worker);
        await SayAsync(jobs, second, 1, Worker, "one\ntwo\n");
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Completed(second, 1, Worker, "one\ntwo\n", 0.5m, 10));

        var grant = (await jobs.ClaimAsync(fork, 1, Worker)).Granted!.Grant;
        Assert.NotEqual(session, grant.SessionId);
        Assert.Equal((ConversationSource.Session, 4L, session), (grant.Conversation!.Source, grant.Conversation.TranscriptBytes, grant.Conversation.WrittenAs));
        Assert.Equal("one\n", await FetchAsync(jobs, fork, 1, Worker));
        await SayAsync(jobs, fork, 1, Worker, "one\nfork\n");
        await LoseAsync(jobs, fork);

        // From now on it is written under the fork's own id.
        var told = (await jobs.ClaimAsync(fork, 2, Worker)).Granted!.Grant.Conversation!;
        Assert.Equal((ConversationSource.OwnAttempt, 9L, 4L, (Guid?)null), (told.Source, told.TranscriptBytes, told.EarlierBytes, told.WrittenAs));
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Completed(fork, 2, Worker, "", 0.125m, 1));
        Assert.Equal((fork, 9L, 0.125m), ((await SessionAsync(jobs, grant.SessionId)).HeadJobId, (await SessionAsync(jobs, grant.SessionId)).HeadBytes, (await SessionAsync(jobs, grant.SessionId)).CostUsd));
        Assert.Equal((second, 8L, 0.75m), ((await SessionAsync(jobs, session)).HeadJobId, (await SessionAsync(jobs, session)).HeadBytes, (await SessionAsync(jobs, session)).CostUsd));
        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task The_name_that_a_cli_gave_its_conversation_is_kept_beside_the_sessions_own()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var id = await jobs.SubmitAsync();
        var session = (await jobs.JobAsync(id)).SessionId;
        await jobs.ClaimAsync(id, 1, Worker);
        await SayAsync(jobs, id, 1, Worker, "one\n");
        var thread = Guid.NewGuid();
        var end = Completed(id, 1, Worker, "one\n", 0, 5);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, end with { Result = end.Result with { SessionId = thread } });

        Assert.Equal((session, thread.ToString("d")), ((await jobs.JobAsync(id)).SessionId, (await SessionAsync(jobs, session)).ProviderSessionId));
        var next = await jobs.SubmitAsync(Resuming(session));
        Assert.Equal(thread, (await jobs.ClaimAsync(next, 1, Worker)).Granted!.Grant.Conversation!.ProviderSessionId);
    }

    [Fact]
    public async Task A_conversation_that_is_not_kept_leaves_its_session_as_it_was()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var (session, first) = await SaidAsync(jobs, "one\n");
        var id = await jobs.SubmitAsync(Resuming(session) with { Conversation = new ConversationChoice { Resumes = session, Keeps = false } });
        var grant = (await jobs.ClaimAsync(id, 1, Worker)).Granted!.Grant;
        Assert.Equal((4L, (Guid?)null), (grant.Conversation!.TranscriptBytes, grant.WorkOfSession));
        await SayAsync(jobs, id, 1, Worker, "one\ntwo\n");
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Completed(id, 1, Worker, "one\ntwo\n", 0.5m, 10));
        var row = await SessionAsync(jobs, session);
        Assert.Equal((first, 4L, 0.25m), (row.HeadJobId, row.HeadBytes, row.CostUsd));
    }

    /// <summary>A session in which one job has said something.</summary>
    private static async Task<(Guid Session, Guid Job)> SaidAsync(EmbeddedJobs jobs, string said)
    {
        var id = await jobs.SubmitAsync();
        await jobs.ClaimAsync(id, 1, Worker);
        await SayAsync(jobs, id, 1, Worker, said);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Completed(id, 1, Worker, said, 0.25m, 100));
        return ((await jobs.JobAsync(id)).SessionId, id);
    }

    private static async Task SayAsync(EmbeddedJobs jobs, Guid id, int attempt, Guid worker, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var offset = 0; offset < bytes.Length; offset += 30_000)
        {
            var piece = bytes[offset..Math.Min(bytes.Length, offset + 30_000)];
            var output = new RunOutput { JobId = id, Attempt = attempt, WorkerId = worker, Epoch = 1, Stream = OutputStream.Transcript, Offset = offset, Bytes = piece };
            Assert.Equal(offset + piece.Length, (await jobs.AskAsync<RunOutput, RunReceipt>(EndpointNames.RunOutput, output)).StoredBytes[OutputStream.Transcript]);
        }
    }

    private static async Task LoseAsync(EmbeddedJobs jobs, Guid id, string state = "Queued")
    {
        await jobs.ReadAsync(db => db.Leases.Where(l => l.JobId == id).ExecuteUpdateAsync(set => set.SetProperty(l => l.UntilMs, 1)));
        Assert.Equal(1, await jobs.Get<ILeaseStore>().SweepAsync(jobs.Clock.GetUtcNow(), CancellationToken.None));
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(id)).CurrentState == state, "the attempt was not lost");
    }

    private static async Task<string> FetchAsync(EmbeddedJobs jobs, Guid id, int attempt, Guid worker)
    {
        using var all = new MemoryStream();
        while (await AskAsync(jobs, new FetchTranscript { JobId = id, Attempt = attempt, WorkerId = worker, Epoch = 1, Offset = all.Length }) is { } part)
        {
            Assert.InRange(part.Bytes.Length, 1, TranscriptPart.MostBytes);
            all.Write(part.Bytes);
            if (all.Length == part.TotalBytes)
            {
                break;
            }
        }

        return Encoding.UTF8.GetString(all.ToArray());
    }

    private static async Task<TranscriptPart?> AskAsync(EmbeddedJobs jobs, FetchTranscript question)
    {
        var answer = await jobs.Bus.CreateRequestClient<FetchTranscript>(EndpointNames.Address(EndpointNames.Transcript), RequestTimeout.After(s: 20)).GetResponse<TranscriptPart, RunDenied>(question);
        return answer.Is(out Response<TranscriptPart>? part) ? part.Message : null;
    }

    private static RunCompleted Completed(Guid id, int attempt, Guid worker, string transcript, decimal costUsd, long tokens)
    {
        var end = Reports.Completed(id, attempt, worker);
        return end with
        {
            Result = end.Result with
            {
                Model = "opus-x",
                Usage = new RunUsage { CostUsd = costUsd, InputTokens = tokens },
                Streams = transcript.Length == 0 ? [] : [new StreamSummary { Stream = OutputStream.Transcript, LengthBytes = transcript.Length, Sha256 = Hash(transcript) }],
            },
        };
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static RunRequest Resuming(Guid session) =>
        EmbeddedJobs.Request() with { Conversation = new ConversationChoice { Resumes = session }, Turns = [TurnKeys.OfSession(session)] };

    private static Task<SessionRow> SessionAsync(EmbeddedJobs jobs, Guid session) =>
        jobs.ReadAsync(db => db.Sessions.AsNoTracking().SingleAsync(s => s.SessionId == session));
}
