using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Api.Mcp.Arguments;
using Gateway.Policies;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>What is announced of a tool, and the scope that it needs.</summary>
internal sealed record ToolCard
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    public required string Scope { get; init; }

    public required ArgumentTable Arguments { get; init; }

    /// <summary>Main members of the answer and their types; <c>success</c> and <c>error</c> are added.</summary>
    public required IReadOnlyList<(string Name, string Type)> Members { get; init; }

    /// <summary>A call of it makes a job: it is judged and counted in the transaction of that job.</summary>
    public bool IsStarter { get; init; }

    public bool ReadOnly { get; init; }

    public bool Destructive { get; init; }

    public bool Idempotent { get; init; }

    public bool OpenWorld { get; init; }

    /// <summary>Its answers hold output: clients are told that they may be long.</summary>
    public bool ReturnsOutput { get; init; }

    /// <summary>What the policy engine has to know.</summary>
    public ToolFacts ToFacts() => new(Name, IsStarter, ReadOnly, Arguments.Specs.Select(spec => spec.Name).ToHashSet(StringComparer.Ordinal));

    public Tool ToProtocolTool() => new()
    {
        Name = Name,
        Title = Title,
        Description = Description,
        InputSchema = Arguments.ToSchema(),
        OutputSchema = ToOutputSchema(),
        Annotations = new ToolAnnotations { ReadOnlyHint = ReadOnly, DestructiveHint = Destructive, IdempotentHint = Idempotent, OpenWorldHint = OpenWorld },
        Meta = ReturnsOutput ? new JsonObject { ["anthropic/maxResultSizeChars"] = 500_000 } : null,
    };

    private JsonElement ToOutputSchema()
    {
        // Only success is required and further members are open: an error has to fit the same schema.
        var properties = new JsonObject { ["success"] = new JsonObject { ["type"] = "boolean" } };
        foreach (var (name, type) in Members)
        {
            properties[name] = new JsonObject { ["type"] = type };
        }

        properties["error"] = new JsonObject { ["type"] = "object" };
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = new JsonArray("success") };
        return JsonElement.Parse(schema.ToJsonString());
    }
}
