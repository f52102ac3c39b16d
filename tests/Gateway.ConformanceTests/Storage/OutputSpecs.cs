using CsCheck;
using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Output;
using Gateway.Storage.Jobs;
using Gateway.Storage.Model;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Gateway.ConformanceTests.Storage;

public sealed class OutputSpecsOnSqlite() : OutputSpecs(Databases.Sqlite);

public sealed class OutputSpecsOnPostgreSql() : OutputSpecs(Databases.PostgreSql);

public abstract class OutputSpecs(Databases databases)
{
    private static readonly Guid Worker = Guid.NewGuid();
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_piece_is_stored_when_it_begins_in_what_is_stored_and_goes_beyond_it()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await RunningAsync(jobs);
        Assert.Equal(3, await AppendAsync(jobs, Piece(id, 0, [1, 2, 3])));
        Assert.Equal(3, await AppendAsync(jobs, Piece(id, 0, [1, 2, 3])));
        Assert.Equal(3, await AppendAsync(jobs, Piece(id, 1, [2, 3])));
        Assert.Equal(3, await AppendAsync(jobs, Piece(id, 4, [5])));
        Assert.Equal(5, await AppendAsync(jobs, Piece(id, 2, [3, 4, 5])));
        Assert.Equal(5, await AppendAsync(jobs, Piece(id, 0, [1, 2, 3])));
        Assert.Equal(5, await AppendAsync(jobs, Piece(id, 0, [])));
        Assert.Equal(5, await AppendAsync(jobs, Piece(id, -2, [9, 9, 9, 9, 9, 9, 9, 9, 9])));
        Assert.Equal(new byte[] { 1, 2, 3, 4, 5 }, await ReadAsync(jobs, id, 0, 100));
        Assert.Equal(new byte[] { 3, 4 }, await ReadAsync(jobs, id, 2, 2));
        Assert.Empty(await ReadAsync(jobs, id, 5, 10));
    }

    [Fact]
    public async Task A_receipt_tells_of_every_stream()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await RunningAsync(jobs);
        await AppendAsync(jobs, Piece(id, 0, [1, 2]) with { Stream = OutputStream.Stderr });
        var receipt = await jobs.AskAsync<RunOutput, RunReceipt>(EndpointNames.RunOutput, Piece(id, 0, [1]));
        Assert.Equal((1L, 2L, false, false), (receipt.StoredBytes[OutputStream.Stdout], receipt.StoredBytes[OutputStream.Stderr], receipt.OutcomeStored, receipt.Fenced));
    }

    [Theory]
    [InlineData("attempt")]
    [InlineData("worker")]
    [InlineData("epoch")]
    [InlineData("lost")]
    [InlineData("ended")]
    public async Task A_piece_of_anybody_but_the_holder_is_fenced_and_stores_nothing(string what)
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await RunningAsync(jobs);
        var piece = Piece(id, 0, [1]) with { Events = [Event(1, "m", 0)] };
        piece = what switch
        {
            "attempt" => piece with { Attempt = 2 },
            "worker" => piece with { WorkerId = Guid.NewGuid() },
            "epoch" => piece with { Epoch = 0 },
            _ => piece,
        };
        if (what == "lost")
        {
            await jobs.ReadAsync(db => db.Leases.ExecuteUpdateAsync(set => set.SetProperty(l => l.Lost, true)));
        }
        else if (what == "ended")
        {
            await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(id, 1, Worker, 1));
        }

        var events = await jobs.ReadAsync(db => db.Events.CountAsync());
        var receipt = await jobs.AskAsync<RunOutput, RunReceipt>(EndpointNames.RunOutput, piece);
        Assert.True(receipt is { Fenced: true, OutcomeStored: true });
        Assert.Equal((0, 0, events), await jobs.ReadAsync(async db => (await db.Chunks.CountAsync(), await db.Outputs.CountAsync(), await db.Events.CountAsync())));
    }

    [Fact]
    public async Task Pieces_cut_doubled_and_shuffled_anyhow_store_exactly_the_bytes_and_events()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var sends = Gen.Select(Gen.Int[0, 999], Gen.Int[0, 400], (from, length) => (From: from, Length: Math.Min(length, 1000 - from))).Array[1, 25];
        await Gen.Select(Gen.Byte.Array[1000], Gen.Int[1, 1000].Array[0, 12], sends).SampleAsync(
            async (bytes, ends, pieces) =>
            {
                var id = await RunningAsync(jobs);
                var all = ends.Distinct().Order().Select((end, i) => Event(end, $"event {end}", i * 2_000)).ToList();
                var stored = 0;
                foreach (var (from, length) in pieces.Prepend((0, 400)).Append((400, 400)).Append((800, 200)).Append((0, 1000)))
                {
                    // What a worker does: the events of these bytes come with them.
                    var piece = Piece(id, from, bytes[from..(from + length)]) with { Events = [.. all.Where(e => e.EndOffset > from && e.EndOffset <= from + length)] };
                    stored = from <= stored && stored < from + length ? from + length : stored;
                    Assert.Equal(stored, await AppendAsync(jobs, piece));
                }

                Assert.Equal(bytes, await ReadAsync(jobs, id, 0, 4096));
                Assert.Equal(bytes[333..666], await ReadAsync(jobs, id, 333, 333));
                var messages = await jobs.ReadAsync(db => db.Events.Where(e => e.JobId == id && e.Source == "provider").OrderBy(e => e.Seq).Select(e => e.Message).ToListAsync());
                Assert.Equal(all.Select(e => e.Message), messages);
            },
            iter: 40);
    }

    [Fact]
    public async Task Reading_at_any_offset_gives_the_bytes_from_there_whatever_the_rows_are()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await RunningAsync(jobs);
        var bytes = new byte[200_000];
        new Random(7).NextBytes(bytes);
        var store = jobs.Get<IOutputStore>();
        // The second piece is larger than any row may be.
        foreach (var (from, to) in new[] { (0, 10), (10, 190_000), (190_000, 200_000) })
        {
            await store.AppendAsync(Piece(id, from, bytes[from..to]), CancellationToken.None);
        }

        Assert.True(await jobs.ReadAsync(db => db.Chunks.AllAsync(c => c.Bytes.Length <= ChunkRow.MaxBytes)));
        await Gen.Select(Gen.Int[0, 200_000], Gen.Int[1, 150_000]).SampleAsync(
            async (offset, length) => Assert.Equal(bytes[offset..Math.Min(bytes.Length, offset + length)], await ReadAsync(jobs, id, offset, length)), iter: 50);
    }

    [Fact]
    public async Task Events_are_numbered_without_gaps_and_one_equal_to_the_last_within_a_second_is_dropped()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await RunningAsync(jobs);
        await AppendAsync(jobs, Piece(id, 0, new byte[10]) with { Events = [Event(1, "a", 0), Event(2, "a", 999), Event(3, "a", 1_000), Event(4, "b", 1_000), Event(5, "a", 1_001)] });
        await AppendAsync(jobs, Piece(id, 10, new byte[10]) with { Events = [Event(11, "a", 1_500), Event(12, "a", 2_001)] });
        var events = await jobs.ReadAsync(db => db.Events.AsNoTracking().Where(e => e.JobId == id).OrderBy(e => e.Seq).ToListAsync());
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(e => e.Seq));
        Assert.Equal(["a", "a", "b", "a", "a"], events.Where(e => e.Source == "provider").Select(e => e.Message));
        Assert.Equal(events.Count, await jobs.ReadAsync(db => db.Progress.Where(p => p.JobId == id).Select(p => p.HighWaterSeq).SingleAsync()));
    }

    [Fact]
    public async Task Only_events_of_stdout_are_taken_and_none_longer_than_the_contract_allows()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await RunningAsync(jobs);
        await AppendAsync(jobs, Piece(id, 0, [1]) with { Stream = OutputStream.Stderr, Events = [Event(1, "from stderr", 0)] });
        await AppendAsync(jobs, Piece(id, 0, [1]) with { Events = [Event(1, new string('x', 500), 0)] });
        var taken = await jobs.ReadAsync(db => db.Events.Where(e => e.Source == "provider").ToListAsync());
        Assert.Equal([new string('x', 120)], taken.Select(e => e.Message));
    }

    [Fact]
    public async Task After_the_ten_thousandth_event_only_lifecycle_and_terminal_ones_are_added()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await RunningAsync(jobs);
        await jobs.ReadAsync(db => db.Progress.ExecuteUpdateAsync(set => set.SetProperty(p => p.HighWaterSeq, JobEvents.MaxEvents - 1)));
        await AppendAsync(jobs, Piece(id, 0, new byte[3]) with { Events = [Event(1, "last", 0), Event(2, "too many", 0)] });
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(id, 1, Worker, 1));
        var late = await jobs.ReadAsync(db => db.Events.Where(e => e.Seq >= JobEvents.MaxEvents).OrderBy(e => e.Seq).Select(e => e.Message).ToListAsync());
        Assert.Equal(["last", "The job is completed."], late);
    }

    [Fact]
    public async Task A_large_output_is_taken_and_paged_without_ever_being_held_whole()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await RunningAsync(jobs);
        var store = jobs.Get<IOutputStore>();
        var piece = new byte[ChunkRow.MaxBytes];
        const int Pieces = 320;
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Pieces; i++)
        {
            await store.AppendAsync(Piece(id, (long)i * piece.Length, piece), CancellationToken.None);
        }

        for (long offset = 0; offset < (long)Pieces * piece.Length; offset += 256 * 1024)
        {
            Assert.Equal(256 * 1024, (await ReadAsync(jobs, id, offset, 256 * 1024)).Length);
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8 * 1024 * 1024);
    }

    private static async Task<Guid> RunningAsync(EmbeddedJobs jobs)
    {
        var id = await jobs.SubmitAsync();
        Assert.NotNull((await jobs.ClaimAsync(id, 1, Worker)).Granted);
        return id;
    }

    private static async Task<long> AppendAsync(EmbeddedJobs jobs, RunOutput piece)
    {
        var receipt = await jobs.AskAsync<RunOutput, RunReceipt>(EndpointNames.RunOutput, piece);
        Assert.False(receipt.Fenced);
        return receipt.StoredBytes[piece.Stream];
    }

    private static Task<byte[]> ReadAsync(EmbeddedJobs jobs, Guid id, long offset, int length) =>
        jobs.Get<IOutputStore>().ReadAsync(id, 1, OutputStream.Stdout, offset, length, CancellationToken.None);

    private static RunOutput Piece(Guid id, long offset, byte[] bytes) =>
        new() { JobId = id, Attempt = 1, WorkerId = Worker, Epoch = 1, Stream = OutputStream.Stdout, Offset = offset, Bytes = bytes };

    private static AgentEvent Event(long end, string message, int afterMs) =>
        new() { EndOffset = end, At = Start.AddMilliseconds(afterMs), Phase = "tool", Kind = "tool_start", Message = message, Source = "provider" };
}
