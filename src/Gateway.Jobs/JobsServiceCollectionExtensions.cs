using Gateway.Jobs.Administration;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Parking;
using Gateway.Jobs.Quotas;
using Gateway.Jobs.Reading;
using Gateway.Jobs.Retention;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

#pragma warning disable IDE0130 // Registration stands where every host looks for it (STYLE 16).
namespace Microsoft.Extensions.DependencyInjection;
#pragma warning restore IDE0130

/// <summary>Registers what a job is.</summary>
public static class JobsServiceCollectionExtensions
{
    /// <summary>Adds admission, reading, cancellation and leases. The stores come from Storage, the bus from Hosting, the policies in force and their caps from the host, which does not start without either.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddGatewayJobs(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddAdmission().AddAudit().AddApprovals().AddReading().AddLeases().AddDispatch().AddParking().AddRetention();
    }

    /// <summary>Tells other API processes what this one has committed. Only where there are others; after the bus.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddGatewayChangeBroadcast(this IServiceCollection services) => services.AddHostedService<ChangeBroadcast>();

    private static IServiceCollection AddAdmission(this IServiceCollection services)
    {
        services.AddOptions<JobsOptions>().BindConfiguration(JobsOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<JobsOptions>, JobsOptionsValidator>();
        services.AddOptions<QuotaOptions>().BindConfiguration(QuotaOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<QuotaOptions>, QuotaOptionsValidator>();
        services.AddSingleton<TenantQuotas>().AddSingleton<AdmissionCounters>();
        return services.AddSingleton<JobAdmission>();
    }

    private static IServiceCollection AddAudit(this IServiceCollection services)
    {
        services.AddOptions<AuditOptions>().BindConfiguration(AuditOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AuditOptions>, AuditOptionsValidator>();
        services.AddSingleton<IValidateOptions<AuditOptions>, AuditKeyFileValidator>();
        services.AddSingleton<AuditMemory>().AddSingleton<AuditVerifier>().AddSingleton<AuditSealer>();
        return services.AddHostedService(provider => provider.GetRequiredService<AuditSealer>());
    }

    private static IServiceCollection AddApprovals(this IServiceCollection services)
    {
        services.AddSingleton<ApprovalRequests>().AddSingleton<ApprovalDesk>().AddSingleton<SecondLook>().AddSingleton<ApprovalSweeper>();
        return services.AddHostedService(provider => provider.GetRequiredService<ApprovalSweeper>());
    }

    private static IServiceCollection AddReading(this IServiceCollection services) =>
        services.AddSingleton<JobSignals>().AddSingleton<JobReader>().AddSingleton<JobCancellation>().AddSingleton<JobAdministration>().AddHostedService<JobsGauge>();

    private static IServiceCollection AddDispatch(this IServiceCollection services)
    {
        services.AddOptions<DispatchOptions>().BindConfiguration(DispatchOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DispatchOptions>, DispatchOptionsValidator>();
        services.AddSingleton<IValidateOptions<DispatchOptions>, DispatchMovedValidator>();
        services.AddSingleton<CapsInForce>().AddSingleton<DispatchBell>().AddSingleton<DirectReleases>().AddSingleton<Dispatcher>().AddSingleton<QueueWaitSweeper>();
        return services.AddHostedService(provider => provider.GetRequiredService<Dispatcher>()).AddHostedService(provider => provider.GetRequiredService<QueueWaitSweeper>());
    }

    private static IServiceCollection AddParking(this IServiceCollection services)
    {
        services.AddOptions<ParkingOptions>().BindConfiguration(ParkingOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ParkingOptions>, ParkingOptionsValidator>();
        services.AddSingleton<ParkingSweeper>();
        return services.AddHostedService(provider => provider.GetRequiredService<ParkingSweeper>());
    }

    private static IServiceCollection AddLeases(this IServiceCollection services)
    {
        services.AddOptions<LeaseOptions>().BindConfiguration(LeaseOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LeaseOptions>, LeaseOptionsValidator>();
        services.AddSingleton<LeaseSweeper>();
        return services.AddHostedService(provider => provider.GetRequiredService<LeaseSweeper>());
    }

    private static IServiceCollection AddRetention(this IServiceCollection services)
    {
        services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>();
        services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOrderValidator>();
        services.AddSingleton<RetentionSweeper>();
        return services.AddHostedService(provider => provider.GetRequiredService<RetentionSweeper>());
    }
}
