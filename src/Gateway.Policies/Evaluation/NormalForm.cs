using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Policies.Approvals;
using Gateway.Policies.Documents;
using Gateway.Policies.Limits;

namespace Gateway.Policies.Evaluation;

/// <summary>The one spelling of a policy and of each of its rules: what is equal in meaning has one text, and so one hash.</summary>
internal static class NormalForm
{
    /// <summary>The canonical text of a policy.</summary>
    public static string TextOf(PolicyRules rules) => CanonicalJson.Of(Element(new JsonObject
    {
        ["version"] = "1",
        ["default"] = rules.AllowsByDefault ? "allow" : "deny",
        ["hide"] = rules.HidesAll ? "*" : new JsonArray([.. rules.Hidden.Order(StringComparer.Ordinal).Select(tool => JsonValue.Create(tool))]),
        ["all_tools"] = new JsonObject { ["limits"] = Of(rules.AllTools) },
        ["tools"] = new JsonObject(rules.Tools.Select(tool => KeyValuePair.Create(tool.Key, (JsonNode?)Of(tool.Value)))),
    }));

    /// <summary>The hash of a rule.</summary>
    public static string HashOf(ToolRule rule) => CanonicalJson.HashOf(CanonicalJson.Of(Element(Of(rule))));

    /// <summary>The word of a file for a window.</summary>
    public static JsonNode Window(TimeSpan window) => window.TotalSeconds switch
    {
        60 => "minute",
        3600 => "hour",
        86400 => "day",
        var seconds => (int)seconds,
    };

    /// <summary>The word of a file for a scope, a kind or a mode.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static JsonElement Element(JsonObject json) => JsonElement.Parse(json.ToJsonString());

    private static JsonObject Of(ToolRule rule)
    {
        var json = new JsonObject
        {
            ["action"] = rule.IsDenied ? "deny" : "allow",
            ["require"] = Of(rule.Require),
            ["deny_if"] = Of(rule.DenyIf),
            ["limits"] = Of(rule.Limits),
        };
        if (rule.Reason is not null)
        {
            json["reason"] = rule.Reason;
        }

        if (rule.Approval is { } approval)
        {
            json["approval"] = Of(approval);
        }

        return json;
    }

    private static JsonArray Of(IEnumerable<Predicate> predicates) => [.. predicates.Select(predicate =>
    {
        var json = new JsonObject { ["path"] = predicate.Path.Text, ["op"] = predicate.Operator.Name, ["value"] = JsonNode.Parse(predicate.Value.GetRawText()) };
        if (predicate.OnDeny is not null)
        {
            json["on_deny"] = predicate.OnDeny;
        }

        return (JsonNode)json;
    })];

    private static JsonArray Of(IEnumerable<LimitRule> limits) => [.. limits.Select(limit => (JsonNode)(limit switch
    {
        CounterRule counter => Of(counter),
        CapRule { Cap: var cap } => new JsonObject { ["kind"] = Word(cap.Kind), ["max"] = cap.Max, ["scope"] = Word(cap.Scope) },
        _ => throw new InvalidOperationException("A limit of a kind that has no normal form."),
    }))];

    private static JsonObject Of(CounterRule limit)
    {
        var json = new JsonObject { ["counter"] = limit.Counter, ["window"] = Window(limit.Window), ["max"] = limit.Max, ["scope"] = Word(limit.Scope) };
        if (limit.IncrementFrom is { } path)
        {
            json["increment_from"] = path.Text;
        }

        return json;
    }

    private static JsonObject Of(ApprovalRule approval)
    {
        var json = new JsonObject
        {
            ["timeout"] = (int)approval.Terms.Timeout.TotalSeconds,
            ["reason"] = approval.Terms.Reason,
            ["mode"] = Word(approval.Terms.Mode),
        };
        if (approval.RequiredIf is { } predicates)
        {
            json["required_if"] = Of(predicates);
        }

        return json;
    }
}
