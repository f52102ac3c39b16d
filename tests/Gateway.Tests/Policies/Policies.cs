using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace Gateway.Tests.Policies;

/// <summary>Policies that load, made at random.</summary>
internal static class Policies
{
    private static readonly Gen<string> Tool = Gen.OneOf("claude_request_async", "llm_job_status", "llm_job_result", "unheard_of");
    private static readonly Gen<string> Argument = Gen.OneOf("args.model", "args.prompt", "args.promptParts.task", "args.\u00e9\U0001F600");
    private static readonly Gen<string> Word = Gen.String[Gen.Char[' ', '\u00ff'], 0, 12];
    private static readonly Gen<JsonNode> Scalar = Gen.OneOf(Word.Select(w => (JsonNode)w), Gen.Int.Select(n => (JsonNode)n), Gen.Double[-1e9, 1e9].Select(n => (JsonNode)n), Gen.Bool.Select(b => (JsonNode)b));
    private static readonly Gen<JsonNode> Path = Gen.OneOf("/srv", "/srv//a/./b/", "/").Select(p => (JsonNode)p);
    private static readonly Gen<JsonNode> Window = Gen.OneOf(Gen.OneOf("minute", "hour", "day").Select(w => (JsonNode)w), Gen.OneOf(Gen.Int[1, 86400], Gen.OneOf(60, 3600, 86400)).Select(s => (JsonNode)s));
    private static readonly Gen<string> Scope = Gen.OneOf("grant", "session", "tenant", "global");

    private static readonly Gen<JsonNode> Predicate = Gen.Select(Argument, Gen.OneOf(
        Gen.Select(Gen.OneOf("eq", "neq", "contains"), Scalar),
        Gen.Select(Gen.OneOf("in", "not_in"), Scalar.Array[1, 3].Select(ListOf)),
        Gen.Select(Gen.OneOf("lt", "lte", "gt", "gte"), Gen.Double[-1e20, 1e20].Select(n => (JsonNode)n)),
        Gen.Select(Gen.OneOf("under", "not_under"), Gen.OneOf(Path, Path.Array[1, 3].Select(ListOf))),
        Gen.Select(Gen.Const("exists"), Gen.Bool.Select(b => (JsonNode)b)),
        Gen.Select(Gen.Const("regex"), Gen.OneOf("^a+$", "(b|c)").Select(p => (JsonNode)p)))).Select((path, test) =>
            (JsonNode)new JsonObject { ["value"] = test.Item2.DeepClone(), ["op"] = test.Item1, ["path"] = path });

    private static readonly Gen<JsonNode> Limits = Gen.Select(Window, Gen.Int[1, 1000], Scope, Gen.Bool, (window, max, scope, isDefault) =>
    {
        var limit = new JsonObject { ["counter"] = "c", ["window"] = window.DeepClone(), ["max"] = max };
        if (!isDefault)
        {
            limit["scope"] = scope;
        }

        return (JsonNode)new JsonArray(limit, new JsonObject { ["kind"] = "queued", ["max"] = max, ["scope"] = scope });
    });

    private static readonly Gen<JsonNode> Rule = Gen.Select(
        Predicate.Array[0, 3].Select(ListOf), Predicate.Array[0, 2].Select(ListOf), Limits, Gen.Select(Window, Gen.Int[1, 99]).Select((w, m) => (JsonNode)new JsonObject { ["max"] = m, ["window"] = w.DeepClone() }),
        Gen.OneOf("{}", """{"timeout":"2d"}""", """{"timeout":90,"mode":"repeat"}""").Select(a => JsonNode.Parse(a)!), Gen.Int[0, 63],
        (require, denyIf, limits, rate, approval, which) =>
        {
            (string Name, JsonNode Value)[] all = [("require", require), ("deny_if", denyIf), ("limits", limits), ("rate_limit", rate), ("approval", approval), ("action", "allow")];
            return (JsonNode)new JsonObject(all.Where((_, i) => (which & (1 << i)) != 0).Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value.DeepClone())));
        });

    /// <summary>The text of any policy.</summary>
    public static Gen<string> Any { get; } = Gen.Select(
        Gen.OneOf("allow", "deny"), Gen.OneOf(Gen.Const((JsonNode?)null), Gen.Const((JsonNode?)"*"), Tool.Array[0, 3].Select(t => (JsonNode?)ListOf([.. t.Select(n => (JsonNode)n)]))), Gen.Dictionary(Tool, Rule)[0, 3],
        (byDefault, hide, tools) =>
        {
            var policy = new JsonObject { ["tools"] = new JsonObject(tools.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value.DeepClone()))), ["default"] = byDefault, ["version"] = "1" };
            if (hide is not null)
            {
                policy["hide"] = hide.DeepClone();
            }

            return policy.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
        });

    private static JsonNode ListOf(JsonNode[] items) => new JsonArray([.. items.Select(i => i.DeepClone())]);
}
