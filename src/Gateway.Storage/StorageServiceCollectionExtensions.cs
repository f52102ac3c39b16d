using Gateway.Jobs.Administration;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Keys;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Output;
using Gateway.Jobs.Parking;
using Gateway.Jobs.Policies;
using Gateway.Jobs.Reading;
using Gateway.Jobs.Retention;
using Gateway.Jobs.Sessions;
using Gateway.SagaPersistence;
using Gateway.SagaPersistence.Outbox;
using Gateway.Storage;
using Gateway.Storage.Administration;
using Gateway.Storage.Approvals;
using Gateway.Storage.Audit;
using Gateway.Storage.Clock;
using Gateway.Storage.Dispatch;
using Gateway.Storage.Jobs;
using Gateway.Storage.Keys;
using Gateway.Storage.Leases;
using Gateway.Storage.Limits;
using Gateway.Storage.Output;
using Gateway.Storage.Parking;
using Gateway.Storage.Policies;
using Gateway.Storage.Providers;
using Gateway.Storage.Providers.PostgreSql;
using Gateway.Storage.Providers.Sqlite;
using Gateway.Storage.Providers.SqlServer;
using Gateway.Storage.Retention;
using Gateway.Storage.Sessions;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

#pragma warning disable IDE0130 // Registration stands where every host looks for it (STYLE 16).
namespace Microsoft.Extensions.DependencyInjection;
#pragma warning restore IDE0130

/// <summary>Registers where jobs are kept.</summary>
public static class StorageServiceCollectionExtensions
{
    /// <summary>Adds the stores of Gateway.Jobs on the database that <c>Storage:Provider</c> names.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="brokerKeepsMessages">True with a broker: a row of the outbox goes when the broker has its message, not when it was consumed.</param>
    public static IServiceCollection AddGatewayStorage(this IServiceCollection services, bool brokerKeepsMessages = false)
    {
        services.AddDatabases();
        services.AddSagaPersistence<GatewayDb>(options =>
            options.Delivery = brokerKeepsMessages ? OutboxDelivery.DeleteWhenConfirmed : OutboxDelivery.DeleteWhenConsumed);
        services.AddOptions<SagaPersistenceOptions>().Configure<StorageProvider>((options, provider) => options.SingleWriter = !provider.IsServer);
        return services.AddStores();
    }

    /// <summary>What is sent from a scope is committed with the scope's rows. After the bus, so that it starts later and stops earlier.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddGatewayOutbox(this IServiceCollection services) => services.AddTransactionalBusOutbox<GatewayDb>();

    private static void AddDatabases(this IServiceCollection services)
    {
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section).ValidateOnStart();
        services.AddOptions<StorageChoice>().BindConfiguration(StorageOptions.Section);
        services.AddSingleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>();
        services.AddSingleton<IValidateOptions<StorageOptions>, StorageKindValidator>();
        services.AddSingleton<JobChangeInterceptor>().AddSingleton<AuditMacInterceptor>().AddSingleton<AuditWrites>();
        services.AddSqlite().AddPostgreSql().AddSqlServer();
        services.AddSingleton<StorageProvider>(provider => KindOf(provider) switch
        {
            StorageKind.PostgreSql => new PostgreSqlProvider(),
            StorageKind.SqlServer => new SqlServerProvider(),
            _ => new SqliteProvider(),
        });
        services.AddSingleton<IDbContextFactory<GatewayDb>>(provider => KindOf(provider) switch
        {
            StorageKind.PostgreSql => new Chosen<PostgreSqlGatewayDb>(provider.GetRequiredService<IDbContextFactory<PostgreSqlGatewayDb>>()),
            StorageKind.SqlServer => new Chosen<SqlServerGatewayDb>(provider.GetRequiredService<IDbContextFactory<SqlServerGatewayDb>>()),
            _ => new Chosen<SqliteGatewayDb>(provider.GetRequiredService<IDbContextFactory<SqliteGatewayDb>>()),
        });
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<GatewayDb>>().CreateDbContext());
        services.AddSingleton<DatabaseSchema>();
        services.AddFirstToStart();
    }

    // Before all other hosted services: the tables are there before anything reads them, and the time before anything is judged by it.
    private static void AddFirstToStart(this IServiceCollection services)
    {
        services.AddSingleton<StoreClock>();
        services.AddSingleton<IStoreClock>(provider => provider.GetRequiredService<StoreClock>());
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(provider => KindOf(provider) == StorageKind.Sqlite
            ? ActivatorUtilities.CreateInstance<SqliteFile>(provider)
            : ActivatorUtilities.CreateInstance<ServerSchema>(provider)));
        services.Insert(1, ServiceDescriptor.Singleton<IHostedService>(provider => provider.GetRequiredService<StoreClock>()));
    }

    private static IServiceCollection AddSqlite(this IServiceCollection services)
    {
        services.AddOptions<SqliteOptions>().BindConfiguration(SqliteOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SqliteOptions>, SqliteOptionsValidator>();
        services.AddSingleton<SqliteConnectionInterceptor>();
        return services.AddPooledDbContextFactory<SqliteGatewayDb>((provider, options) => options
            .UseSqlite(ConnectionTo(provider.GetRequiredService<IOptions<SqliteOptions>>().Value.File))
            .AddInterceptors(provider.GetRequiredService<SqliteConnectionInterceptor>())
            .UseGatewayInterceptors(provider));
    }

    private static IServiceCollection AddPostgreSql(this IServiceCollection services)
    {
        services.AddOptions<PostgreSqlOptions>().BindConfiguration(PostgreSqlOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PostgreSqlOptions>, PostgreSqlOptionsValidator>();
        return services.AddPooledDbContextFactory<PostgreSqlGatewayDb>((provider, options) => options
            .UseNpgsql(PostgreSqlTls.Complete(provider.GetRequiredService<IOptions<PostgreSqlOptions>>().Value))
            .UseServerManners()
            .UseGatewayInterceptors(provider));
    }

    private static IServiceCollection AddSqlServer(this IServiceCollection services)
    {
        services.AddOptions<SqlServerOptions>().BindConfiguration(SqlServerOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SqlServerOptions>, SqlServerOptionsValidator>();
        return services.AddPooledDbContextFactory<SqlServerGatewayDb>((provider, options) => options
            .UseSqlServer(provider.GetRequiredService<IOptions<SqlServerOptions>>().Value.Connection.Read())
            .UseServerManners()
            .UseGatewayInterceptors(provider));
    }

    // A statement that fails is told by whoever asked for it: a conflict that comes again is no error, nor is the look for tables of a new database.
    private static DbContextOptionsBuilder UseServerManners(this DbContextOptionsBuilder options) =>
        options.ConfigureWarnings(warnings => warnings.Log((RelationalEventId.CommandError, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug)));

    private static void UseGatewayInterceptors(this DbContextOptionsBuilder options, IServiceProvider provider) => options
        .AddInterceptors(provider.GetRequiredService<JobChangeInterceptor>(), provider.GetRequiredService<AuditMacInterceptor>())
        .UseSagaPersistence(provider);

    // Nobody else may write to the file; if somebody does (a shell, a backup), writers behind the gate wait for this long.
    private static string ConnectionTo(string file) =>
        new SqliteConnectionStringBuilder { DataSource = Path.GetFullPath(file), DefaultTimeout = 5 }.ToString();

    private static StorageKind? KindOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<StorageChoice>>().Value.Kind;

    private static IServiceCollection AddStores(this IServiceCollection services) => services
        .AddSingleton<StoreRetry>()
        .AddScoped<IJobLedger, JobLedger>()
        .AddSingleton<IJobStore, JobStore>()
        .AddSingleton<ISessionStore, SessionStore>()
        .AddSingleton<IPolicyLedger, PolicyLedger>()
        .AddSingleton<ILimitReader, LimitReader>()
        .AddSingleton<IPolicyArchive, PolicyArchive>()
        .AddSingleton<IAuditLog, AuditLog>()
        .AddSingleton<IAuditStore, AuditStore>()
        .AddSingleton<IJobQueries, JobQueries>()
        .AddSingleton<IAdminStore, AdminStore>()
        .AddSingleton<IApiKeyStore, ApiKeyStore>()
        .AddSingleton<IOutputStore, OutputStore>()
        .AddSingleton<ITranscriptStore, TranscriptStore>()
        .AddSingleton<ILeaseStore, LeaseStore>()
        .AddSingleton<IParkingStore, ParkingStore>()
        .AddSingleton<IQueueWaitStore, QueueWaitStore>()
        .AddSingleton<IDispatchStore, DispatchStore>()
        .AddSingleton<IApprovalStore, ApprovalStore>()
        .AddSingleton<IRetentionStore, RetentionStore>()
        .AddSingleton<QueueShapes>()
        .AddSingleton<QueuePlaces>();

    private sealed class Chosen<TDbContext>(IDbContextFactory<TDbContext> contexts) : IDbContextFactory<GatewayDb>
        where TDbContext : GatewayDb
    {
        public GatewayDb CreateDbContext() => contexts.CreateDbContext();
    }
}
