using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Quotas;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gateway.Tests.Jobs;

public sealed class QuotaOptionsSpecs
{
    [Fact]
    public void What_a_tenants_own_quota_does_not_say_is_the_defaults_and_the_case_of_its_name_does_not_matter()
    {
        using var services = Services(
            ("Quotas:Default:Running", "8"), ("Quotas:Default:SpendUsdPerDay", "40.5"), ("Quotas:Tenants:ACME:Running", "2"), ("Quotas:Tenants:ACME:SubmitsPerMinute", "30"));
        var quotas = services.GetRequiredService<TenantQuotas>();

        var (own, other) = (quotas.Of("acme"), quotas.Of("bolt"));
        Assert.Equal((2, 30, 40.5m, null), (own.Running, own.SubmitsPerMinute, own.SpendUsdPerDay, own.Queued));
        Assert.Equal((8, null, 40.5m), (other.Running, other.SubmitsPerMinute, other.SpendUsdPerDay));
        Assert.Equal("/quotas/acme/running", quotas.RunningOf("acme")?.Rule);
        Assert.Null(Services().GetRequiredService<TenantQuotas>().RunningOf("acme"));
    }

    [Fact]
    public void All_faults_of_all_quotas_are_told_at_once_by_the_names_of_their_settings()
    {
        using var services = Services(
            ("Quotas:Default:Running", "0"), ("Quotas:Default:SpendUsdPerDay", "0.0000001"), ("Quotas:Tenants:acme:Queued", "-1"), ("Quotas:Tenants:acme:SubmitsPerHour", "1000001"), ($"Quotas:Tenants:{new string('x', 65)}:Running", "1"));

        var faults = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<QuotaOptions>>().Value).Failures.ToList();

        Assert.Equal(5, faults.Count);
        Assert.Contains("Quotas:Default:Running must be between 1 and 1000000, not '0'.", faults);
        Assert.Contains("Quotas:Default:SpendUsdPerDay must be more than 0 and at most 1000000, with at most 6 decimal places, not '0.0000001'.", faults);
        Assert.Contains("Quotas:Tenants:acme:Queued must be between 1 and 1000000, not '-1'.", faults);
        Assert.Contains("Quotas:Tenants:acme:SubmitsPerHour must be between 1 and 1000000, not '1000001'.", faults);
    }

    [Fact]
    public void The_old_name_of_the_quota_on_running_jobs_stops_the_start_and_names_the_new_one()
    {
        using var services = Services(("Dispatch:MaxRunningPerTenant", "3"));
        Assert.Contains("Quotas:Default:Running", Assert.Single(Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<DispatchOptions>>().Value).Failures), StringComparison.Ordinal);
    }

    private static ServiceProvider Services(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build());
        return services.AddGatewayJobs().BuildServiceProvider();
    }
}
