using System.Collections.Concurrent;
using Gateway.ConformanceTests.Support;
using Gateway.Tests.SagaPersistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.ConformanceTests.SagaPersistence;

public sealed class SagaSpecsOnSqlite() : SagaSpecs(Databases.Sqlite);

public sealed class SagaSpecsOnPostgreSql() : SagaSpecs(Databases.PostgreSql);

public abstract class SagaSpecs(Databases databases) : IDisposable
{
    private readonly ITicketStore file = databases.NewTicketStore();

    public void Dispose()
    {
        file.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_version_conflict_is_retried_and_the_message_has_one_effect()
    {
        await using var host = await new TicketHost(file).StartAsync();
        var id = await host.OpenTicketAsync();
        var tries = 0;
        host.Script.InSaga = async context =>
        {
            if (Interlocked.Increment(ref tries) == 1)
            {
                // Somebody else was faster between load and save.
                await TicketScript.Db(context).Database.ExecuteSqlRawAsync("UPDATE \"Tickets\" SET \"Version\" = \"Version\" + 1");
            }
        };
        await host.SendAndSaveAsync("tickets", new StampTicket(id));
        await host.NextPlainAsync();
        await host.AtRestAsync();

        var ticket = await host.TicketAsync(id);
        Assert.Equal((2, 1, 1), (tries, ticket.Effects, ticket.Version));
        Assert.False(host.Script.Plain.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_save_of_a_stale_instance_is_refused()
    {
        await using var host = new TicketHost(file);
        var id = await host.OpenTicketAsync();
        await using var scope = host.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TicketDb>();
        var stale = await db.Tickets.SingleAsync(ticket => ticket.CorrelationId == id);
        await host.ReadAsync(async other =>
        {
            (await other.Tickets.SingleAsync()).Effects = 5;
            return await other.SaveChangesAsync();
        });
        stale.Effects = 9;

        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync());
        Assert.Equal((5, 1), ((await host.TicketAsync(id)).Effects, (await host.TicketAsync(id)).Version));
    }

    [Fact]
    public async Task Concurrent_messages_to_one_instance_follow_each_other()
    {
        await using var host = await new TicketHost(file).StartAsync();
        var id = await host.OpenTicketAsync();
        var (inside, most) = (0, 0);
        host.Script.InSaga = async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
        };

        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => host.SendAndSaveAsync("tickets", new StampTicket(id))));
        await host.AtRestAsync();

        var ticket = await host.TicketAsync(id);
        Assert.Equal((40, 40, 1), (ticket.Effects, ticket.Version, most));
        Assert.Equal(40, host.Script.Plain.Reader.Count);
    }

    [Fact]
    public async Task A_request_is_answered_after_the_commit()
    {
        await using var host = await new TicketHost(file).StartAsync();
        var id = await host.OpenTicketAsync();
        var committed = new TaskCompletionSource<string>();
        using var handle = host.Bus.ConnectSendObserver(new AnswerObserver(async () => committed.TrySetResult((await host.TicketAsync(id)).CurrentState)));

        var answer = await ClaimAsync(host, id, worker: 7);

        Assert.Equal(7, Assert.IsType<TicketGranted>(answer).Worker);
        Assert.Equal("Taken", await committed.Task.WaitAsync(TicketHost.Patience));
        await host.AtRestAsync();
    }

    [Fact]
    public async Task A_request_whose_first_try_fails_gets_one_answer()
    {
        await using var host = await new TicketHost(file).StartAsync();
        var id = await host.OpenTicketAsync();
        var (tries, answers) = (0, 0);
        host.Script.InSaga = _ => ++tries == 1 ? throw new InvalidDataException("first try") : Task.CompletedTask;
        using var handle = host.Bus.ConnectSendObserver(new AnswerObserver(() =>
        {
            Interlocked.Increment(ref answers);
            return Task.CompletedTask;
        }));

        Assert.IsType<TicketGranted>(await ClaimAsync(host, id, worker: 1));
        Assert.IsType<TicketDenied>(await ClaimAsync(host, id, worker: 2));
        Assert.Equal((2, 2), (tries, answers));
    }

    [Fact]
    public async Task A_request_for_an_instance_that_does_not_exist_is_answered()
    {
        await using var host = await new TicketHost(file).StartAsync();

        Assert.IsType<TicketDenied>(await ClaimAsync(host, Guid.NewGuid(), worker: 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_eight_simultaneous_claims_of_each_of_sixty_tickets_one_is_granted(bool inbox)
    {
        await using var host = await new TicketHost(file, inbox: inbox).StartAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 60; i++)
        {
            ids.Add(await host.OpenTicketAsync());
        }

        var answers = new ConcurrentBag<(Guid Id, object Answer)>();
        await Task.WhenAll(ids.SelectMany(id => Enumerable.Range(1, 8).Select(async worker => answers.Add((id, await ClaimAsync(host, id, worker))))));

        var granted = answers.Select(a => a.Answer).OfType<TicketGranted>().ToList();
        Assert.Equal((480, 60, 60), (answers.Count, granted.Count, granted.Select(g => g.TicketId).Distinct().Count()));
        foreach (var grant in granted)
        {
            Assert.Equal(grant.Worker, (await host.TicketAsync(grant.TicketId)).Worker);
        }
    }

    private static async Task<object> ClaimAsync(TicketHost host, Guid id, int worker)
    {
        var client = host.Bus.CreateRequestClient<ClaimTicket>(new Uri("queue:tickets"), TicketHost.Patience);
        var answer = await client.GetResponse<TicketGranted, TicketDenied>(new ClaimTicket(id, worker));
        return answer.Message;
    }

    private sealed class AnswerObserver(Func<Task> onAnswer) : ISendObserver
    {
        public Task PreSend<T>(SendContext<T> context)
            where T : class => context.Message is TicketGranted or TicketDenied ? onAnswer() : Task.CompletedTask;

        public Task PostSend<T>(SendContext<T> context)
            where T : class => Task.CompletedTask;

        public Task SendFault<T>(SendContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
