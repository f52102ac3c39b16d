using Gateway.Jobs.Admission;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Output;
using Gateway.Jobs.Reading;
using Gateway.SagaPersistence.Outbox;
using Gateway.Storage;
using Gateway.Storage.Jobs;
using Gateway.Storage.Leases;
using Gateway.Storage.Output;
using Gateway.Storage.Providers.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

#pragma warning disable IDE0130 // Registration stands where every host looks for it (STYLE 16).
namespace Microsoft.Extensions.DependencyInjection;
#pragma warning restore IDE0130

/// <summary>Registers where jobs are kept.</summary>
public static class StorageServiceCollectionExtensions
{
    /// <summary>Adds the stores of Gateway.Jobs on a SQLite file that belongs to this process alone.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddGatewaySqliteStorage(this IServiceCollection services)
    {
        services.AddSqlite();
        services.AddSagaPersistence<GatewayDb>(options =>
        {
            options.Delivery = OutboxDelivery.DeleteWhenConsumed;
            options.SingleWriter = true;
        });
        return services.AddStores();
    }

    /// <summary>What is sent from a scope is committed with the scope's rows. After the bus, so that it starts later and stops earlier.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddGatewayOutbox(this IServiceCollection services) => services.AddTransactionalBusOutbox<GatewayDb>();

    private static void AddSqlite(this IServiceCollection services)
    {
        services.AddOptions<SqliteOptions>().BindConfiguration(SqliteOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SqliteOptions>, SqliteOptionsValidator>();
        services.AddSingleton(new StorageProvider("sqlite"));
        services.AddSingleton<SqliteConnectionInterceptor>();
        services.AddSingleton<JobChangeInterceptor>();
        services.AddPooledDbContextFactory<SqliteGatewayDb>((provider, options) => options
            .UseSqlite(ConnectionTo(provider.GetRequiredService<IOptions<SqliteOptions>>().Value.File))
            .AddInterceptors(provider.GetRequiredService<SqliteConnectionInterceptor>(), provider.GetRequiredService<JobChangeInterceptor>())
            .UseSagaPersistence(provider));
        services.AddSingleton<IDbContextFactory<GatewayDb>>(provider => new AnyDatabase(provider.GetRequiredService<IDbContextFactory<SqliteGatewayDb>>()));
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<GatewayDb>>().CreateDbContext());
        // First of all hosted services: the file is held and up to date before anything reads it.
        services.Insert(0, ServiceDescriptor.Singleton<Hosting.IHostedService, SqliteFile>());
    }

    // Nobody else may write to the file; if somebody does (a shell, a backup), writers behind the gate wait for this long.
    private static string ConnectionTo(string file) =>
        new SqliteConnectionStringBuilder { DataSource = Path.GetFullPath(file), DefaultTimeout = 5 }.ToString();

    private static IServiceCollection AddStores(this IServiceCollection services) => services
        .AddScoped<IJobLedger, JobLedger>()
        .AddSingleton<IJobStore, JobStore>()
        .AddSingleton<IJobQueries, JobQueries>()
        .AddSingleton<IOutputStore, OutputStore>()
        .AddSingleton<ILeaseStore, LeaseStore>();

    private sealed class AnyDatabase(IDbContextFactory<SqliteGatewayDb> contexts) : IDbContextFactory<GatewayDb>
    {
        public GatewayDb CreateDbContext() => contexts.CreateDbContext();
    }
}
