using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Policies.Documents;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Grants;
using Gateway.Policies.Limits;

namespace Gateway.Policies.Cases;

/// <summary>The audit log of the throw-away store, with the fields of POLICY.md section 12.</summary>
internal sealed class SimulatedAudit(SimulatedStore store, ToolCatalog catalog)
{
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);

    /// <summary>A call and what was decided about it.</summary>
    public void Add(string decision, PolicyGrant? grant, string tool, JsonElement arguments, string? session, Refusal? refusal, Judgement? judgement, IReadOnlyList<(Charge Charge, decimal Used)> counted, SimulatedApproval? approval)
    {
        var record = Begin("tools/call", decision);
        Put(record, "tenant", grant?.Tenant);
        Put(record, "grant", grant?.Label);
        Put(record, "caller", grant?.Value);
        Put(record, "session", session);
        Put(record, "tool", tool);
        Put(record, "kind", refusal?.Kind);
        Put(record, "rule", refusal?.Rule ?? (approval is null ? null : approval.Rule));
        // Words of the file, never of a call.
        Put(record, "reason", refusal?.Reason);
        Put(record, "policy", grant?.Policy?.Name);
        Put(record, "policyHash", refusal?.PolicyHash ?? judgement?.PolicyHash);
        record["argNames"] = new JsonArray([.. NamesOf(tool, arguments).Select(name => JsonValue.Create(name))]);
        record["argsHash"] = $"case:{Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(CanonicalJson.Of(arguments))))}";
        Put(record, "approvalId", approval?.Id.ToString("N"));
        if (counted.Count > 0)
        {
            record["counters"] = new JsonArray([.. counted.Select(c => new JsonObject { ["rule"] = c.Charge.Limit.Rule, ["used"] = c.Used, ["max"] = c.Charge.Limit.Max, ["windowStart"] = c.Charge.WindowStart })]);
        }

        store.Audit.Add(record);
    }

    /// <summary>Something else that happened.</summary>
    public void Add(string method, string decision, SimulatedApproval? approval = null, string? decidedBy = null, SimulatedJob? job = null, string? policyHash = null)
    {
        var record = Begin(method, decision);
        Put(record, "tenant", (approval?.Call ?? job?.Call)?.Grant.Tenant);
        Put(record, "grant", (approval?.Call ?? job?.Call)?.Grant.Label);
        Put(record, "tool", (approval?.Call ?? job?.Call)?.Tool);
        Put(record, "approvalId", approval?.Id.ToString("N"));
        Put(record, "decidedBy", decidedBy);
        Put(record, "policyHash", policyHash);
        store.Audit.Add(record);
    }

    /// <summary>Whether the log holds allowed calls of the tool: those that change nothing are not in it.</summary>
    public bool HoldsAllowed(string tool) => catalog.Find(tool) is { IsReadOnly: false };

    private IEnumerable<string> NamesOf(string tool, JsonElement arguments) => arguments.ValueKind == JsonValueKind.Object
        ? arguments.EnumerateObject().Select(m => catalog.Find(tool)?.Arguments.Contains(m.Name) == true ? m.Name : "(unknown)").Order(StringComparer.Ordinal)
        : [];

    private JsonObject Begin(string method, string decision) => new() { ["seq"] = store.Audit.Count + 1, ["at"] = store.Now, ["decisionId"] = Guid.NewGuid(), ["method"] = method, ["decision"] = decision };

    private static void Put(JsonObject record, string name, string? value)
    {
        if (value is not null)
        {
            record[name] = value;
        }
    }
}
