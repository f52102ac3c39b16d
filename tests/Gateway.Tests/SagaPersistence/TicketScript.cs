using System.Collections.Concurrent;
using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.SagaPersistence;

/// <summary>What the test wants to happen inside consumers, and what they saw.</summary>
internal sealed class TicketScript
{
    /// <summary>Runs in the saga's transaction, after the instance was loaded.</summary>
    public Func<ConsumeContext, Task> InSaga { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs in the note consumer's transaction, after the note was written.</summary>
    public Func<ConsumeContext<TakeNote>, Task> InNote { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs in the consumer without a filter, before it reports.</summary>
    public Func<ConsumeContext<NoteTaken>, Task> InPlain { get; set; } = _ => Task.CompletedTask;

    /// <summary>Each message that the consumer without a filter has finished.</summary>
    public Channel<NoteTaken> Plain { get; } = Channel.CreateUnbounded<NoteTaken>();

    /// <summary>Saves in the middle of the consumer's transaction.</summary>
    public static Task FlushAsync(ConsumeContext context) => Db(context).SaveChangesAsync();

    public static TicketDb Db(ConsumeContext context) =>
        context.GetPayload<IServiceScope>().ServiceProvider.GetRequiredService<TicketDb>();

    public ConcurrentQueue<Guid?> NoteMessageIds { get; } = new();
}
