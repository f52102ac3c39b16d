using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Api.Mcp.Arguments;

/// <summary>
/// One argument of a tool: the line from which both its JSON schema and its check are made, so that what is announced
/// and what is enforced cannot drift apart.
/// </summary>
internal abstract record ArgumentSpec(string Name)
{
    /// <summary>At most 70 characters, and only where the name does not say it.</summary>
    public string? Description { get; init; }

    /// <summary>The call is wrong without it.</summary>
    public bool Required { get; init; }

    /// <summary>JSON text of the default, announced in the schema; null for none.</summary>
    public string? Default { get; init; }

    /// <summary>Its text may be confidential or long: faults tell the length alone.</summary>
    public bool Confidential { get; init; }

    /// <summary>What is allowed, in words for a fault.</summary>
    public abstract string Limit { get; }

    /// <summary>Writes type and limits into a schema.</summary>
    public abstract void Describe(JsonObject schema);

    /// <summary>Reads a value that is not null; adds what is wrong, and answers null then.</summary>
    public abstract object? Read(JsonElement value, string field, FaultList faults);

    /// <summary>The schema of this argument.</summary>
    public JsonObject ToSchema()
    {
        var schema = new JsonObject();
        Describe(schema);
        if (Description is not null)
        {
            schema["description"] = Description;
        }

        if (Default is not null and not "false")
        {
            schema["default"] = JsonNode.Parse(Default);
        }

        return schema;
    }
}
