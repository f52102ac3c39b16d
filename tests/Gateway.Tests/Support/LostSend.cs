using MassTransit;

namespace Gateway.Tests.Support;

/// <summary>The first send of a message hangs for ever and minds no token, as one may whose connection broke at the wrong moment.</summary>
internal sealed class LostSend<T> : ISendObserver
    where T : class
{
    private int _sends;

    /// <summary>How often it was sent, the lost one included.</summary>
    public int Sends => Volatile.Read(ref _sends);

    public Task PreSend<TMessage>(SendContext<TMessage> context)
        where TMessage : class =>
        context is SendContext<T> && Interlocked.Increment(ref _sends) == 1 ? new TaskCompletionSource().Task : Task.CompletedTask;

    public Task PostSend<TMessage>(SendContext<TMessage> context)
        where TMessage : class => Task.CompletedTask;

    public Task SendFault<TMessage>(SendContext<TMessage> context, Exception exception)
        where TMessage : class => Task.CompletedTask;
}
