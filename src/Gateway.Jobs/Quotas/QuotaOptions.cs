namespace Gateway.Jobs.Quotas;

/// <summary>
/// What tenants may have besides what their policies say: whichever is narrower holds. Read at the start and not again. Section
/// <c>Quotas</c>.
/// </summary>
public sealed class QuotaOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Quotas";

    /// <summary>For each tenant. Default: nothing is limited.</summary>
    public TenantQuota Default { get; set; } = new();

    /// <summary>
    /// For tenants by name, in place of the default member by member; a large number lifts one. The case of a name does not matter, as in
    /// every setting, and a name with a colon cannot be written.
    /// </summary>
    public Dictionary<string, TenantQuota> Tenants { get; } = new(StringComparer.OrdinalIgnoreCase);
}
