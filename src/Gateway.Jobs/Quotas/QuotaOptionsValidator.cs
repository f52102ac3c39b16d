using System.Globalization;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Quotas;

/// <summary>Checks every quota at start and tells all faults at once, each by the name of its setting.</summary>
internal sealed class QuotaOptionsValidator : IValidateOptions<QuotaOptions>
{
    private const int Most = 1_000_000;
    private const int MostNameChars = 64;

    public ValidateOptionsResult Validate(string? name, QuotaOptions options)
    {
        List<string> faults = [.. FaultsOf($"{QuotaOptions.Section}:{nameof(options.Default)}", options.Default)];
        foreach (var (tenant, quota) in options.Tenants)
        {
            var setting = $"{QuotaOptions.Section}:{nameof(options.Tenants)}:{tenant}";
            if (tenant.Length is 0 or > MostNameChars)
            {
                faults.Add($"{setting} must be the name of a tenant, 1 to {MostNameChars} characters; it has {tenant.Length}.");
            }

            faults.AddRange(FaultsOf(setting, quota));
        }

        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }

    private static IEnumerable<string> FaultsOf(string setting, TenantQuota quota)
    {
        (string Member, int? Value)[] counts =
        [
            (nameof(quota.Running), quota.Running), (nameof(quota.Queued), quota.Queued), (nameof(quota.SubmitsPerMinute), quota.SubmitsPerMinute),
            (nameof(quota.SubmitsPerHour), quota.SubmitsPerHour), (nameof(quota.SubmitsPerDay), quota.SubmitsPerDay),
        ];
        foreach (var (member, value) in counts.Where(count => count.Value is < 1 or > Most))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{setting}:{member} must be between 1 and {Most}, not '{value}'.");
        }

        if (quota.SpendUsdPerDay is { } usd && (usd is <= 0 or > Most || decimal.Round(usd, 6) != usd))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{setting}:{nameof(quota.SpendUsdPerDay)} must be more than 0 and at most {Most}, with at most 6 decimal places, not '{usd}'.");
        }
    }
}
