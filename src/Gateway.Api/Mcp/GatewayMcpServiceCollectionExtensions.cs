using Gateway.Api.Auth;
using Gateway.Api.Mcp;
using Gateway.Api.Mcp.Catalogue;
using Gateway.Api.Mcp.Claude;
using Gateway.Api.Mcp.Codex;
using Gateway.Api.Mcp.Gemini;
using Gateway.Api.Mcp.Sessions;
using Gateway.Api.Mcp.Servers;
using Gateway.Api.Mcp.Starters;
using Gateway.Api.Mcp.Tools;
using Gateway.Api.Mcp.Workspaces;
using Gateway.Api.Policies;
using Gateway.Hosting.Health;
using Gateway.Hosting.Startup;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Reading;
using Gateway.Policies;
using Gateway.Policies.Evaluation;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

#pragma warning disable IDE0130 // Registrations live where hosts look for them (STYLE 16).
namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the MCP endpoint.</summary>
public static class GatewayMcpServiceCollectionExtensions
{
    /// <summary>
    /// Adds the tools and the Streamable HTTP transport. Needs the services of Gateway.Jobs and <c>AddGatewayAuth</c>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">What only the host knows.</param>
    public static IServiceCollection AddGatewayMcp(this IServiceCollection services, Action<GatewayMcpOptions>? configure = null)
    {
        services.AddOptions<GatewayMcpOptions>().Configure(options => configure?.Invoke(options));
        AddArguments(services);
        AddStarters(services);
        AddTools(services);
        AddPolicies(services);
        AddServer(services);
        return services;
    }

    /// <summary>Loads the policy files, before anything is served.</summary>
    /// <param name="services">The services of the host.</param>
    /// <exception cref="StartRefusedException">They have faults.</exception>
    public static void LoadPolicies(this IServiceProvider services) => services.GetRequiredService<PolicyBook>().Load();

    private static void AddArguments(IServiceCollection services)
    {
        services.AddOptions<WorkspaceOptions>().BindConfiguration(WorkspaceOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<WorkspaceOptions>, WorkspaceOptionsValidator>();
        services.AddOptions<StarterOptions>().BindConfiguration(StarterOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StarterOptions>, StarterOptionsValidator>();
        services.AddSingleton<WorkspaceBook>();
        services.AddOptions<RegisteredServersOptions>().BindConfiguration(RegisteredServersOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RegisteredServersOptions>, RegisteredServersValidator>();
        services.AddSingleton<McpServerRule>();
    }

    // One line for each CLI.
    private static void AddStarters(IServiceCollection services)
    {
        services.AddSingleton<StarterSet>();
        services.AddSingleton<RunAnswers>();
        AddStarter<ClaudeStarter>(services);
        AddStarter<CodexStarter>(services);
        AddStarter<GeminiStarter>(services);
    }

    private static void AddStarter<T>(IServiceCollection services)
        where T : Starter
    {
        services.AddSingleton<T>();
        services.AddSingleton<Starter>(provider => provider.GetRequiredService<T>());
        services.AddSingleton<McpServerTool>(provider => ActivatorUtilities.CreateInstance<StarterTool>(provider, provider.GetRequiredService<T>()));
        services.AddSingleton<McpServerTool>(provider => ActivatorUtilities.CreateInstance<WaitingStarterTool>(provider, provider.GetRequiredService<T>()));
    }

    private static void AddTools(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddScoped<IJobDesk, JobDesk>();
        services.AddSingleton<CallAudit>();
        services.AddOptions<ModelsOptions>().BindConfiguration(ModelsOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ModelsOptions>, ModelsOptionsValidator>();
        services.AddSingleton<ModelCatalogue>();
        services.AddSingleton<StreamPager>();
        services.AddSingleton<CursorSeal>();
        services.AddSingleton<JobWait>();
        AddTool<JobStatusTool>(services);
        AddTool<JobResultTool>(services);
        AddTool<JobCancelTool>(services);
        AddTool<JobListTool>(services);
        AddTool<JobRetryTool>(services);
        AddTool<RequestResultTool>(services);
        AddTool<ProcessHealthTool>(services);
        AddTool<ListModelsTool>(services);
        AddTool<CliVersionsTool>(services);
        AddTool<WorkspaceListTool>(services);
        AddTool<WorkspaceGetTool>(services);
        AddTool<ApprovalListTool>(services);
        AddTool<ApprovalDecideTool>(services);
        AddSessionTools(services);
        services.AddSingleton(provider => new ToolScopes(provider.GetServices<McpServerTool>().OfType<GatewayTool>().ToDictionary(t => t.Card.Name, t => t.Card.Scope, StringComparer.Ordinal)));
    }

    private static void AddSessionTools(IServiceCollection services)
    {
        AddTool<SessionListTool>(services);
        AddTool<SessionGetTool>(services);
        AddTool<SessionCreateTool>(services);
        AddTool<SessionSetActiveTool>(services);
        AddTool<SessionDeleteTool>(services);
        AddTool<SessionClearAllTool>(services);
    }

    private static void AddPolicies(IServiceCollection services)
    {
        services.AddOptions<PolicyOptions>().BindConfiguration(PolicyOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PolicyOptions>, PolicyOptionsValidator>();
        services.AddSingleton(provider => new ToolCatalog(provider.GetServices<McpServerTool>().OfType<GatewayTool>().Select(tool => tool.Card.ToFacts())));
        services.AddSingleton<PolicySource>();
        services.AddSingleton<PolicyBook>();
        services.AddSingleton<IGrantBook>(provider => provider.GetRequiredService<PolicyBook>());
        services.AddSingleton<IPolicyInForce, PoliciesInForce>();
        services.AddSingleton<IRunningCaps, PolicyRunningCaps>();
        services.AddHostedService<PolicyReloader>();
        services.AddHealthChecks().AddCheck<PolicyHealthCheck>("policies", tags: [HealthChecks.ReadyTag]);
    }

    private static void AddTool<T>(IServiceCollection services)
        where T : GatewayTool => services.AddSingleton<McpServerTool, T>();

    private static void AddServer(IServiceCollection services) => services
        .AddMcpServer(options =>
        {
            options.ServerInfo = new Implementation { Name = "gateway", Title = "Gateway", Version = typeof(GatewayInstructions).Assembly.GetName().Version!.ToString(3) };
            options.ServerInstructions = GatewayInstructions.Text;
        })
        .WithHttpTransport(options => options.SessionMode = HttpServerSessionMode.Stateless)
        .WithRequestFilters(filters => filters.AddListToolsFilter(next => async (request, cancellationToken) =>
        {
            var list = await next(request, cancellationToken).ConfigureAwait(false);
            var grant = Gateway.Api.Auth.Identity.Of(request.User).Grant;
            list.Tools = [.. list.Tools.Where(t => !PolicyEngine.Hides(grant, t.Name)).OrderBy(t => t.Name, StringComparer.Ordinal)];
            list.CacheScope = CacheScope.Private;
            list.TimeToLive = TimeSpan.FromMinutes(5);
            return list;
        }));
}
