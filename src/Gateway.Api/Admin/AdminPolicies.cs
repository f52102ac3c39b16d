using Gateway.Api.Policies;
using Gateway.Policies.Documents;

namespace Gateway.Api.Admin;

/// <summary>The policies of a gateway as an operator sees them.</summary>
/// <param name="Kind">How the operator keeps them, in words.</param>
/// <param name="LoadedAt">Since when they are in force; null when none is.</param>
/// <param name="Policies">Each with its hash.</param>
/// <param name="Warnings">What loads, and is hardly meant.</param>
/// <param name="Faults">What is wrong with the files as they are now; empty when they are what is in force.</param>
internal sealed record AdminPolicies(string Kind, DateTimeOffset? LoadedAt, IReadOnlyList<AdminPolicies.Policy> Policies, IReadOnlyList<DocumentWarning> Warnings, IReadOnlyList<string> Faults)
{
    public static AdminPolicies Of(PolicyState state, IReadOnlyList<string> faults) =>
        new(state.Kind, state.LoadedAt, [.. state.Snapshot.Policies.Select(policy => new Policy(policy.Name, policy.Hash)).OrderBy(policy => policy.Name, StringComparer.Ordinal)], state.Snapshot.Warnings, faults);

    /// <summary>Files with faults before anything was in force.</summary>
    public static AdminPolicies Of(IReadOnlyList<string> faults) => new("", null, [], [], faults);

    /// <summary>A policy in force.</summary>
    internal sealed record Policy(string Name, string Hash);
}

/// <summary>A call that nobody makes.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Arguments">Its arguments, an object.</param>
/// <param name="Grant">Label of the grant; null for the gateway's own key.</param>
/// <param name="Tenant">The tenant, where the grant does not name it.</param>
/// <param name="Caller">The grant value; null for the label.</param>
internal sealed record AdminQuestion(string? Tool, System.Text.Json.JsonElement? Arguments, string? Grant, string? Tenant, string? Caller);
