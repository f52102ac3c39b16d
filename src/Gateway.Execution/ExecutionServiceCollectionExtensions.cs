using Gateway.Contracts;
using Gateway.Execution.Conversations;
using Gateway.Execution.Credentials;
using Gateway.Execution.McpServers;
using Gateway.Execution.Memory;
using Gateway.Execution.Providers;
using Gateway.Execution.Providers.Claude;
using Gateway.Execution.Providers.Codex;
using Gateway.Execution.Providers.Gemini;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;
using Gateway.Execution.Surveys;
using Gateway.Processes.Runner;
using MassTransit;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

#pragma warning disable IDE0130 // Registration is found where every host looks for it (STYLE 16).
namespace Microsoft.Extensions.DependencyInjection;
#pragma warning restore IDE0130

/// <summary>Puts the worker into a host.</summary>
public static class ExecutionServiceCollectionExtensions
{
    /// <summary>Claims under way at the same time in memory; each has a slot before it asks.</summary>
    private const int Claims = 4;

    /// <summary>Adds everything that takes and guards runs. Call it after <c>AddMassTransit</c>, so that the bus stops last.</summary>
    /// <param name="services">Services of the host.</param>
    public static IServiceCollection AddGatewayExecution(this IServiceCollection services) => services
        .AddExecutionOptions()
        .AddProviders()
        .AddRuns();

    /// <summary>Adds the worker's consumers to a bus.</summary>
    /// <param name="bus">Registration of the bus.</param>
    public static void ConfigureExecution(this IBusRegistrationConfigurator bus)
    {
        bus.AddConsumer<RunClaudeConsumer, RunClaudeConsumerDefinition>().ExcludeFromConfigureEndpoints();
        bus.AddConsumer<CancelRunConsumer>().ExcludeFromConfigureEndpoints();
    }

    /// <summary>Adds the worker's receive endpoints to a bus: one for each provider in the worker's pool. Its own queue follows when the runner is attached.</summary>
    /// <param name="bus">Factory of the bus, of any transport.</param>
    /// <param name="context">Registration context.</param>
    /// <param name="configure">What the transport adds to each endpoint, such as the kind of queue.</param>
    /// <param name="pauseWhenFull">
    /// Stop the endpoint while all slots are taken, so that a broker gives the commands to other workers. Not for the
    /// in-memory transport: nobody else could take them, the few that are taken wait in the consumer, and a message that
    /// reaches an endpoint there in the moment of its stop is dropped.
    /// </param>
    public static void ConfigureExecutionEndpoints(
        this IReceiveConfigurator bus, IBusRegistrationContext context, Action<IReceiveEndpointConfigurator>? configure = null, bool pauseWhenFull = true)
    {
        var pool = context.GetRequiredService<IOptions<WorkerOptions>>().Value.Pool;
        foreach (var provider in context.GetRequiredService<ProviderSet>().Names)
        {
            bus.ReceiveEndpoint(EndpointNames.Run(provider, pool), endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.PublishFaults = false;
                configure?.Invoke(endpoint);

                // With a broker one: what waits here for a slot cannot be taken by another worker, and each message given back counts as a delivery.
                var atOnce = pauseWhenFull ? 1 : Claims;
                endpoint.PrefetchCount = atOnce;
                endpoint.ConcurrentMessageLimit = atOnce;
                if (pauseWhenFull)
                {
                    endpoint.ConnectReceiveEndpointObserver(context.GetRequiredService<EndpointPauser>());
                }

                endpoint.ConfigureConsumer<RunClaudeConsumer>(context);
            });
        }
    }

    private static IServiceCollection AddExecutionOptions(this IServiceCollection services)
    {
        services.AddOptions<WorkerOptions>().BindConfiguration(WorkerOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<WorkerOptions>, WorkerOptionsValidator>();
        services.AddSingleton<IValidateOptions<WorkerOptions>, WorkerRulesValidator>();
        services.AddOptions<RunLimitOptions>().BindConfiguration(RunLimitOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RunLimitOptions>, RunLimitOptionsValidator>();
        services.AddSingleton<IValidateOptions<RunLimitOptions>, RunLimitLeastValidator>();
        services.AddOptions<ClaudeOptions>().BindConfiguration(ClaudeOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ClaudeOptions>, ClaudeOptionsValidator>();
        services.AddOptions<GeminiOptions>().BindConfiguration(GeminiOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<GeminiOptions>, GeminiOptionsValidator>();
        services.AddOptions<CodexOptions>().BindConfiguration(CodexOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CodexOptions>, CodexOptionsValidator>();
        services.AddOptions<WorkspacesOptions>().BindConfiguration(WorkspacesOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<WorkspacesOptions>, WorkspacesValidator>();
        services.AddOptions<McpServersOptions>().BindConfiguration(McpServersOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<McpServersOptions>, McpServersValidator>();
        services.AddOptions<CredentialsOptions>().BindConfiguration(CredentialsOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CredentialsOptions>, CredentialsValidator>();
        return services;
    }

    private static IServiceCollection AddProviders(this IServiceCollection services)
    {
        services.AddSingleton<IAgentProvider, ClaudeProvider>();
        services.AddSingleton<IAgentProvider, CodexProvider>();
        services.AddSingleton<IAgentProvider, GeminiProvider>();
        services.AddSingleton<ProviderSet>();
        services.AddSingleton<CredentialStore>().AddSingleton<RunKeys>();
        services.AddSingleton<McpServerShelf>();
        services.AddSingleton<DirectoryKeeper>();
        services.AddSingleton<Git>();
        services.AddSingleton<Worktrees>();
        services.AddSingleton<WorktreeEntry>();
        services.AddSingleton<WorktreeReader>();
        return services;
    }

    private static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<AttachRunner>(Attach);
        services.AddSingleton<WorkerStatus>();
        services.AddSingleton<RunTable>();
        services.AddSingleton<RunNotes>();
        services.TryAddSingleton(provider => new HeartbeatBus(provider.GetRequiredService<IBus>()));
        services.AddSingleton<ControlPlane>();
        services.AddSingleton<EndpointPauser>();
        services.AddSingleton<RunSupervisor>();
        services.AddSingleton(provider => new WorkerDrain(
            provider.GetRequiredService<EndpointPauser>(),
            provider.GetRequiredService<RunTable>(),
            provider.GetRequiredService<RunSupervisor>(),
            provider.GetRequiredService<IOptions<WorkerOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<WorkerDrain>>()));
        services.AddSingleton<ConversationFetcher>();
        services.AddSingleton<ConversationKeeper>();
        services.AddSingleton<RunLauncher>();
        services.AddSingleton<RunStarter>();
        services.AddSingleton<RunnerConnection>();
        services.AddHostedService(provider => provider.GetRequiredService<RunnerConnection>());
        services.AddSingleton<CliInspection>();
        services.AddSingleton<CliSurvey>();
        services.AddHostedService(provider => provider.GetRequiredService<CliSurvey>());
        services.AddSingleton<WorkspaceSurvey>();
        services.AddHostedService(provider => provider.GetRequiredService<WorkspaceSurvey>());
        services.AddHostedService<HeartbeatService>();
        services.AddHostedService<EndedJobsService>();
        services.AddHostedService<DrainService>();
        services.AddHostedService<ProgramPagesService>();
        return services;
    }

    private static AttachRunner Attach(IServiceProvider services)
    {
        var worker = services.GetRequiredService<IOptions<WorkerOptions>>().Value;
        var clock = services.GetRequiredService<TimeProvider>();
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger<RunnerClient>();
        var options = new RunnerOptions
        {
            Folder = worker.RunnerFolder ?? Path.Combine(worker.DataFolder, "runner"),
            ProgramPath = worker.RunnerProgram ?? Path.Combine(AppContext.BaseDirectory, "runner", "Gateway.Runner"),
            IdleExit = worker.RunnerIdleExit,
            Containment = worker.Containment,
        };
        return async cancellationToken => new AttachedRunner(await RunnerClient.AttachAsync(options, clock, logger, cancellationToken));
    }
}
