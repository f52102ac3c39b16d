namespace Gateway.Storage.Limits;

/// <summary>What a counter belongs to where it is not one tool's.</summary>
internal static class CounterScopes
{
    public const string AllTools = "all_tools";

    public const string Quotas = "quotas";
}
