using Gateway.SagaPersistence;
using Gateway.SagaPersistence.Writing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gateway.Tests.SagaPersistence;

public sealed class WriteGateSpecs
{
    [Fact]
    public async Task Completions_pass_waiting_submits_and_within_a_priority_the_first_is_first()
    {
        var gate = new SingleWriterGate();
        var order = new List<string>();
        var inside = await gate.EnterAsync(WritePriority.Submit, CancellationToken.None);
        var waiting = new[] { ("s1", WritePriority.Submit), ("c1", WritePriority.Completion), ("s2", WritePriority.Submit), ("c2", WritePriority.Completion) }
            .Select(writer => WriteAsync(gate, writer.Item2, () => order.Add(writer.Item1)))
            .ToList();
        Assert.Empty(order);

        inside.Dispose();
        await Task.WhenAll(waiting).WaitAsync(TicketHost.Patience);

        Assert.Equal(["c1", "c2", "s1", "s2"], order);
    }

    [Fact]
    public async Task A_flood_of_completions_lets_a_waiting_submit_in_after_four()
    {
        var gate = new SingleWriterGate();
        var order = new List<string>();
        var inside = await gate.EnterAsync(WritePriority.Submit, CancellationToken.None);
        var waiting = Enumerable.Range(1, 9).Select(i => ($"c{i}", WritePriority.Completion))
            .Prepend(("s1", WritePriority.Submit))
            .Select(writer => WriteAsync(gate, writer.Item2, () => order.Add(writer.Item1)))
            .ToList();

        inside.Dispose();
        await Task.WhenAll(waiting).WaitAsync(TicketHost.Patience);

        Assert.Equal(["c1", "c2", "c3", "c4", "s1", "c5", "c6", "c7", "c8", "c9"], order);
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_queue_and_the_next_one_enters()
    {
        var gate = new SingleWriterGate();
        var inside = await gate.EnterAsync(WritePriority.Completion, CancellationToken.None);
        using var patience = new CancellationTokenSource();
        var impatient = gate.EnterAsync(WritePriority.Completion, patience.Token).AsTask();
        var next = gate.EnterAsync(WritePriority.Completion, CancellationToken.None).AsTask();

        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.Equal(1, gate.Waiting);
        inside.Dispose();
        (await next.WaitAsync(TicketHost.Patience)).Dispose();
        Assert.True(gate.EnterAsync(WritePriority.Submit, CancellationToken.None).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_cancelled_token_does_not_enter_even_an_empty_gate()
    {
        var gate = new SingleWriterGate();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gate.EnterAsync(WritePriority.Submit, new CancellationToken(true)).AsTask());

        Assert.True(gate.EnterAsync(WritePriority.Submit, CancellationToken.None).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Leaving_twice_lets_one_in()
    {
        var gate = new SingleWriterGate();
        var inside = await gate.EnterAsync(WritePriority.Submit, CancellationToken.None);
        var second = gate.EnterAsync(WritePriority.Submit, CancellationToken.None).AsTask();
        var third = gate.EnterAsync(WritePriority.Submit, CancellationToken.None).AsTask();

        inside.Dispose();
        inside.Dispose();

        using var turn = await second.WaitAsync(TicketHost.Patience);
        Assert.False(third.IsCompleted);
        Assert.Equal(1, gate.Waiting);
    }

    [Fact]
    public async Task Cancelling_while_turns_are_handed_over_loses_no_turn()
    {
        var gate = new SingleWriterGate();
        var (inside, most, entered) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => Task.Run(async () =>
        {
            using var patience = new CancellationTokenSource();
            var turn = gate.EnterAsync((WritePriority)(i % 2), patience.Token).AsTask();
            if (i % 3 == 0)
            {
                await patience.CancelAsync();
            }

            try
            {
                using (await turn)
                {
                    most = Math.Max(most, Interlocked.Increment(ref inside));
                    entered++;
                    Interlocked.Decrement(ref inside);
                }
            }
            catch (OperationCanceledException)
            {
            }
        }))).WaitAsync(TicketHost.Patience);

        Assert.Equal(1, most);
        Assert.True(entered >= 1333);
        Assert.Equal(0, gate.Waiting);
        Assert.True(gate.EnterAsync(WritePriority.Submit, CancellationToken.None).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_write_inside_an_open_transaction_joins_it_and_does_not_wait_for_itself()
    {
        using var file = new TicketFile();
        await using var host = await new TicketHost(file).StartAsync();
        var gate = host.Services.GetRequiredService<IWriteGate>();
        host.Script.InNote = context =>
        {
            var db = TicketScript.Db(context);
            return gate.WriteAsync(
                db,
                WritePriority.Submit,
                token =>
                {
                    db.Notes.Add(new Note { NoteId = context.Message.Id, Text = "nested" });
                    return Task.CompletedTask;
                },
                context.CancellationToken);
        };
        await host.SendAndSaveAsync("notes", new TakeNote(Guid.NewGuid(), "outer"));
        await host.NextPlainAsync();

        Assert.Equal(["nested", "outer"], (await host.NotesAsync()).Select(note => note.Text).Order());
    }

    [Fact]
    public async Task Every_transaction_of_a_consumer_waits_at_the_gate()
    {
        using var file = new TicketFile();
        await using var host = await new TicketHost(file).StartAsync();
        var gate = Assert.IsType<SingleWriterGate>(host.Services.GetRequiredService<IWriteGate>());
        using (await gate.EnterAsync(WritePriority.Submit, CancellationToken.None))
        {
            await host.SendDirectAsync("notes", new TakeNote(Guid.NewGuid(), "waits"));
            await TicketHost.EventuallyAsync(() => Task.FromResult(gate.Waiting == 1), "the consumer did not come to the gate");
            Assert.Empty(host.Script.NoteMessageIds);
        }

        await host.NextPlainAsync();
    }

    [Fact]
    public void A_limit_out_of_range_stops_the_start_and_is_named()
    {
        using var file = new TicketFile();

        var refusal = Assert.Throws<OptionsValidationException>(() => new TicketHost(file, options => options.SweepBatch = 0));

        Assert.Contains(nameof(SagaPersistenceOptions.SweepBatch), refusal.Message, StringComparison.Ordinal);
    }

    private static async Task WriteAsync(SingleWriterGate gate, WritePriority priority, Action write)
    {
        using (await gate.EnterAsync(priority, CancellationToken.None))
        {
            write();
        }
    }
}
