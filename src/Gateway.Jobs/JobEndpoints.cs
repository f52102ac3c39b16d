using System.Data.Common;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Output;
using Gateway.Jobs.Reading;
using Gateway.Jobs.Sessions;
using MassTransit;

namespace Gateway.Jobs;

/// <summary>The control plane's consumers and the queues that they read, the same on every transport.</summary>
public static class JobEndpoints
{
    private const int Concurrency = 16;
    private static readonly TimeSpan[] Pauses = [.. new[] { 10, 20, 50, 100, 200, 500, 1000 }.Select(ms => TimeSpan.FromMilliseconds(ms))];

    /// <summary>Registers the lifecycle and the consumers.</summary>
    /// <param name="bus">The bus registration.</param>
    /// <returns>The lifecycle's registration, whose repository the store names.</returns>
    public static ISagaRegistrationConfigurator<Job> AddGatewayJobs(this IBusRegistrationConfigurator bus)
    {
        bus.AddConsumer<RunOutputConsumer>().ExcludeFromConfigureEndpoints();
        bus.AddConsumer<HeartbeatConsumer>().ExcludeFromConfigureEndpoints();
        bus.AddConsumer<EndedJobsConsumer>().ExcludeFromConfigureEndpoints();
        bus.AddConsumer<FetchTranscriptConsumer>().ExcludeFromConfigureEndpoints();
        return bus.AddSagaStateMachine<JobLifecycle, Job>();
    }

    /// <summary>Declares the queues. Claims have their own, so that a backlog of completions cannot starve them.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="context">The bus registration.</param>
    /// <param name="useTransactions">Puts one transaction around each message; its second argument says whether duplicates are remembered.</param>
    /// <param name="configure">What the transport adds to each endpoint, such as the kind of queue.</param>
    public static void ConfigureJobEndpoints<TEndpoint>(
        this IReceiveConfigurator<TEndpoint> bus,
        IRegistrationContext context,
        Action<IReceiveEndpointConfigurator, bool> useTransactions,
        Action<IReceiveEndpointConfigurator>? configure = null)
        where TEndpoint : IReceiveEndpointConfigurator
    {
        bus.ReceiveEndpoint(EndpointNames.Claim, endpoint =>
        {
            Configure(endpoint, configure);
            ForgetFaults(endpoint);

            // A claim that comes twice is granted twice to the same worker: it must be answered again, so it is not remembered.
            useTransactions(endpoint, false);
            ConfigureSaga(endpoint, context);
        });
        bus.ReceiveEndpoint(EndpointNames.JobLifecycle, endpoint =>
        {
            Configure(endpoint, configure, outlastsOutages: true);
            useTransactions(endpoint, true);
            ConfigureSaga(endpoint, context);
        });
        bus.ReceiveEndpoint(EndpointNames.RunOutput, endpoint =>
        {
            Configure(endpoint, configure);
            ForgetFaults(endpoint);
            endpoint.ConfigureConsumer<RunOutputConsumer>(context);
        });
        bus.ReceiveEndpoint(EndpointNames.Transcript, endpoint =>
        {
            Configure(endpoint, configure);
            ForgetFaults(endpoint);
            endpoint.ConfigureConsumer<FetchTranscriptConsumer>(context);
        });
        bus.ReceiveEndpoint(EndpointNames.Heartbeat, endpoint =>
        {
            Configure(endpoint, configure);
            ForgetFaults(endpoint);
            endpoint.ConfigureConsumer<HeartbeatConsumer>(context);
            endpoint.ConfigureConsumer<EndedJobsConsumer>(context);
        });
    }

    /// <summary>Registers who hears of changes that other processes have committed.</summary>
    /// <param name="bus">The bus registration.</param>
    public static void AddGatewayChanges(this IBusRegistrationConfigurator bus) =>
        bus.AddConsumer<JobChangedConsumer>().ExcludeFromConfigureEndpoints();

    /// <summary>Declares this process's own queue of changes; it goes with the process.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="context">The bus registration.</param>
    public static void ConfigureChangesEndpoint<TEndpoint>(this IReceiveConfigurator<TEndpoint> bus, IRegistrationContext context)
        where TEndpoint : IReceiveEndpointConfigurator =>
        bus.ReceiveEndpoint(new ChangesEndpoint(), DefaultEndpointNameFormatter.Instance, endpoint =>
        {
            ForgetFaults(endpoint);
            endpoint.PublishFaults = false;
            endpoint.ConfigureConsumer<JobChangedConsumer>(context);
        });

    private static void ConfigureSaga(IReceiveEndpointConfigurator endpoint, IRegistrationContext context)
    {
        endpoint.ConfigureSaga<Job>(context, saga =>
        {
            // One message of a job at a time in this process; between processes the row's version decides.
            var partitions = saga.CreatePartitioner(Concurrency);
            saga.Message<ClaimRun>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
            saga.Message<RunStarted>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
            saga.Message<RunCompleted>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
            saga.Message<RunFailed>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
            saga.Message<RunCanceled>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
            saga.Message<RunInterrupted>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
            saga.Message<AttemptLost>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
            saga.Message<RequestCancellation>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
            saga.Message<ApprovalGiven>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
            saga.Message<ApprovalRefused>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
            saga.Message<ApprovalVoided>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
            saga.Message<ReleaseRefused>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
            saga.Message<ParkingEnded>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
            saga.Message<UsageLimitMet>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
            saga.Message<QueueWaitEnded>(m => m.UsePartitioner(partitions, c => c.Message.JobId));
        });
    }

    private static void Configure(IReceiveEndpointConfigurator endpoint, Action<IReceiveEndpointConfigurator>? configure, bool outlastsOutages = false)
    {
        endpoint.ConfigureConsumeTopology = false;

        // Who asked is told; for anybody else the error is in the queue of errors.
        endpoint.PublishFaults = false;
        configure?.Invoke(endpoint);
        endpoint.PrefetchCount = Concurrency;
        endpoint.ConcurrentMessageLimit = Concurrency;
        endpoint.UseMessageRetry(retry =>
        {
            // A database that is busy, or a row that somebody else changed: EF wraps transient faults in InvalidOperationException.
            retry.Handle<DbException>();
            retry.Handle<InvalidOperationException>();
            retry.Handle<Exception>(IsConflict);

            // Whoever asks again is not waited for: a claim that is granted after its worker has given up would only cost an attempt.
            if (outlastsOutages)
            {
                retry.SetRetryPolicy(filter => new OutageRetryPolicy(filter, Pauses));
            }
            else
            {
                retry.Intervals(Pauses);
            }
        });
    }

    // Their sender asks until it is answered. In an error queue copies would pile up while a disk is full, output of agents in them.
    private static void ForgetFaults(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.DiscardFaultedMessages();
        endpoint.DiscardSkippedMessages();
    }

    // By name, since this project knows no database package.
    private static bool IsConflict(Exception problem) => problem.GetType().Name.StartsWith("DbUpdate", StringComparison.Ordinal);
}
