using System.Text.Json.Nodes;
using Gateway.Policies.Evaluation;

namespace Gateway.Policies.Documents;

/// <summary>
/// The JSON Schema of a policy file, for editors: they complete names, and underline what the loader would refuse. What a schema cannot
/// say (names that occur twice, patterns that look around, paths with <c>..</c>) the loader alone says.
/// </summary>
public static class PolicySchema
{
    private const string ArgumentPattern = "^args(\\.[^.*\\[\\]]+)+$";
    private const string PathPattern = "^/[^~\\\\\\u0000]*$";

    /// <summary>The schema, draft 2020-12.</summary>
    /// <param name="catalog">The tools whose names are offered.</param>
    public static JsonObject Of(ToolCatalog catalog) => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = "Policy of a Gateway",
        ["description"] = "What the callers of a grant may do. Decided by the gateway itself on every call; what a policy does not say it denies or allows by default.",
        ["type"] = "object",
        ["required"] = new JsonArray("version", "default"),
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject
        {
            ["$schema"] = Text("Where this schema is. Ignored."),
            ["version"] = Const("1", "Version of the format."),
            ["description"] = Text("For people. Ignored, and no part of the hash."),
            ["default"] = Words("For the tools that tools does not name.", "allow", "deny"),
            ["hide"] = new JsonObject
            {
                ["description"] = "Left out of tools/list and refused when called; wins over everything below.",
                ["anyOf"] = new JsonArray(new JsonObject { ["const"] = "*" }, new JsonObject { ["type"] = "array", ["items"] = Names(catalog, "*") }),
            },
            ["all_tools"] = Object("Limits over the calls of all tools together.", [], ("limits", List("In file order.", AnyOf("counter", "cap")))),
            ["tools"] = new JsonObject
            {
                ["description"] = "Names of tools with their rules; {} allows without condition.",
                ["type"] = "object",
                ["propertyNames"] = new JsonObject { ["not"] = new JsonObject { ["const"] = "*" } },
                ["properties"] = new JsonObject(catalog.All.Select(tool => KeyValuePair.Create(tool.Name, (JsonNode?)Ref("rule")))),
                ["additionalProperties"] = Ref("rule"),
            },
        },
        ["$defs"] = Definitions(),
    };

    private static JsonObject Definitions() => new()
    {
        ["rule"] = Object(
            "What is asked of a call of the tool.",
            [],
            ("action", Words("deny refuses each call; the tool stays in the list.", "allow", "deny")),
            ("reason", Text("What the caller of a denied tool reads.", RuleReader.MostReasonChars)),
            ("require", List("Every one has to hold.", Ref("predicate"))),
            ("deny_if", List("One that holds refuses.", Ref("predicate"))),
            ("limits", List("In file order.", AnyOf("counter", "amount", "cap"))),
            ("approval", Ref("approval")),
            ("rate_limit", Object("Short for a limit on the calls of a caller, named TOOL_rate.", ["max", "window"], ("max", Whole("Most calls.", 1)), ("window", Ref("window"))))),
        ["approval"] = Object(
            "A person has to agree.",
            [],
            ("required_if", List("One that holds asks; left out, every call asks.", Ref("question"))),
            ("timeout", AnyOf(new JsonObject { ["type"] = "string", ["pattern"] = "^[0-9]{1,6}[mhd]$", ["examples"] = new JsonArray("30m", "4h", "2d") }, Whole("Seconds.", 60, 604_800))),
            ("reason", Text("What the caller and the person read.", RuleReader.MostReasonChars)),
            ("mode", Words("job: accepted as a job that waits; repeat: refused until the call is repeated after consent.", "job", "repeat"))),
        ["predicate"] = Predicate(("on_deny", Text("What the caller reads.", RuleReader.MostReasonChars))),
        ["question"] = Predicate(),
        ["counter"] = Object("Calls in a window.", ["counter", "window", "max"], ("counter", Ref("counter_name")), ("window", Ref("window")), ("max", Whole("Most calls.", 1)), ("scope", Ref("scope"))),
        ["amount"] = Object(
            "The sum of an argument in a window, such as a budget.",
            ["counter", "window", "max", "increment_from"],
            ("counter", Ref("counter_name")),
            ("window", Ref("window")),
            ("max", new JsonObject { ["type"] = "number", ["exclusiveMinimum"] = 0, ["description"] = "Largest sum, with six places." }),
            ("scope", Ref("scope")),
            ("increment_from", Ref("path"))),
        ["cap"] = Object("Jobs at once.", ["kind", "max"], ("kind", Words("running: holds jobs back; queued: refuses calls.", "running", "queued")), ("max", Whole("Most jobs.", 1)), ("scope", Ref("scope"))),
        ["counter_name"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Za-z0-9_.-]{1,64}$", ["description"] = "Its name, unique in the list." },
        ["window"] = AnyOf(Words("From full minute to full minute, and so on, in UTC.", "minute", "hour", "day"), Whole("Seconds.", 1, 86_400)),
        ["scope"] = Words("Who shares it. A caller opens sessions at will, so session protects nothing.", "grant", "session", "tenant", "global"),
        ["path"] = new JsonObject { ["type"] = "string", ["pattern"] = ArgumentPattern, ["description"] = "args. and the name of an argument.", ["examples"] = new JsonArray("args.model", "args.workingDir", "args.promptParts.task") },
        ["scalar"] = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") },
        ["folder"] = new JsonObject { ["type"] = "string", ["pattern"] = PathPattern },
    };

    // What value may be depends on the operator.
    private static JsonObject Predicate(params (string Name, JsonObject Schema)[] further)
    {
        var predicate = Object("A sentence about an argument.", ["path", "op", "value"], [("path", Ref("path")), ("op", Words("How the argument is compared.", PredicateOperator.Names)), ("value", []), .. further]);
        predicate["allOf"] = new JsonArray(
            When(new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = Ref("scalar") }, "in", "not_in"),
            When(new JsonObject { ["type"] = "number" }, "lt", "lte", "gt", "gte"),
            When(new JsonObject { ["type"] = "string", ["maxLength"] = 1000, ["format"] = "regex" }, "regex"),
            When(Ref("scalar"), "contains"),
            When(new JsonObject { ["type"] = "boolean" }, PredicateOperator.Exists),
            When(AnyOf(Ref("folder"), new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = Ref("folder") }), "under", "not_under"));
        return predicate;
    }

    private static JsonObject When(JsonObject value, params string[] operators) => new()
    {
        ["if"] = new JsonObject { ["properties"] = new JsonObject { ["op"] = new JsonObject { ["enum"] = new JsonArray([.. operators.Select(o => JsonValue.Create(o))]) } }, ["required"] = new JsonArray("op") },
        ["then"] = new JsonObject { ["properties"] = new JsonObject { ["value"] = value } },
    };

    private static JsonObject Object(string description, string[] required, params (string Name, JsonObject Schema)[] properties) => new()
    {
        ["description"] = description,
        ["type"] = "object",
        ["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]),
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject(properties.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)p.Schema))),
    };

    private static JsonObject Ref(string name) => new() { ["$ref"] = $"#/$defs/{name}" };

    private static JsonObject AnyOf(params string[] names) => AnyOf([.. names.Select(Ref)]);

    private static JsonObject AnyOf(params JsonObject[] schemas) => new() { ["anyOf"] = new JsonArray([.. schemas]) };

    private static JsonObject List(string description, JsonObject items) => new() { ["description"] = description, ["type"] = "array", ["items"] = items };

    private static JsonObject Const(string value, string description) => new() { ["description"] = description, ["const"] = value };

    private static JsonObject Words(string description, params string[] words) => new() { ["description"] = description, ["enum"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]) };

    private static JsonObject Names(ToolCatalog catalog, string other) =>
        new() { ["type"] = "string", ["examples"] = new JsonArray([.. catalog.All.Select(tool => JsonValue.Create(tool.Name)), other]) };

    private static JsonObject Text(string description, int? mostChars = null)
    {
        var schema = new JsonObject { ["description"] = description, ["type"] = "string" };
        if (mostChars is { } most)
        {
            schema["maxLength"] = most;
        }

        return schema;
    }

    private static JsonObject Whole(string description, int least, int? most = null)
    {
        var schema = new JsonObject { ["description"] = description, ["type"] = "integer", ["minimum"] = least };
        if (most is { } highest)
        {
            schema["maximum"] = highest;
        }

        return schema;
    }
}
