using MassTransit;

namespace Gateway.Tests.SagaPersistence;

internal sealed class TicketLifecycle : MassTransitStateMachine<Ticket>
{
    public TicketLifecycle(TicketScript script)
    {
        InstanceState(ticket => ticket.CurrentState);
        Event(() => Claimed, e =>
        {
            e.CorrelateById(context => context.Message.TicketId);
            e.OnMissingInstance(missing => missing.ExecuteAsync(context => context.RespondAsync(new TicketDenied(context.Message.TicketId))));
        });
        Event(() => Stamped, e => e.CorrelateById(context => context.Message.TicketId));

        During(Open, When(Claimed)
            .Then(context => context.Saga.Worker = context.Message.Worker)
            .ThenAsync(context => script.InSaga(context))
            .RespondAsync(context => Task.FromResult(new TicketGranted(context.Message.TicketId, context.Message.Worker)))
            .TransitionTo(Taken));
        During(Taken, When(Claimed)
            .RespondAsync(context => Task.FromResult(new TicketDenied(context.Message.TicketId))));
        DuringAny(When(Stamped)
            .ThenAsync(async context =>
            {
                var seen = context.Saga.Effects;
                await script.InSaga(context);
                context.Saga.Effects = seen + 1;
                await context.Send(new Uri("queue:plain"), new NoteTaken(context.Message.TicketId));
            }));
    }

    public State Open { get; private set; } = null!;

    public State Taken { get; private set; } = null!;

    public Event<ClaimTicket> Claimed { get; private set; } = null!;

    public Event<StampTicket> Stamped { get; private set; } = null!;
}
