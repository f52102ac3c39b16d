using System.Collections.Frozen;
using System.Text.Json;
using Gateway.Policies.Evaluation;

namespace Gateway.Policies.Documents;

/// <summary>Reads a policy file.</summary>
internal static class PolicyReader
{
    private const string All = "*";

    /// <summary>What the file says; with faults only some of it.</summary>
    public static PolicyRules Read(DocumentNode root, ToolCatalog catalog, DocumentFaults faults)
    {
        if (FieldReader.Of(root, "a policy", faults, "version", "default", "hide", "all_tools", "tools", "description", "$schema") is not { } fields)
        {
            return new PolicyRules();
        }

        ReadVersion(fields, faults);
        foreach (var name in (string[])["description", "$schema"])
        {
            _ = fields[name] is { } text ? faults.Text(text, name) : null;
        }

        var hide = fields["hide"] is { } hidden ? ReadHide(hidden, faults) : [];
        return new PolicyRules
        {
            AllowsByDefault = fields.Required("default", "\"allow\" or \"deny\", for the tools that the file does not name") is { } byDefault && faults.Choice(byDefault, "default", "allow", "deny") == "allow",
            HidesAll = hide.Contains(All),
            Hidden = hide.Contains(All) ? [] : hide.ToFrozenSet(StringComparer.Ordinal),
            AllTools = fields["all_tools"] is { } all && FieldReader.Of(all, "all_tools", faults, "limits")?["limits"] is { } limits ? LimitReader.Read(limits, null, null, faults) : [],
            Tools = fields["tools"] is { } tools ? ReadTools(tools, catalog, faults) : FrozenDictionary<string, ToolRule>.Empty,
        };
    }

    private static void ReadVersion(FieldReader fields, DocumentFaults faults)
    {
        if (fields.Required("version", "the text \"1\"") is { } version && version is not { Kind: JsonValueKind.String, Text: "1" })
        {
            faults.Add(version, $"version cannot be {version.Shown}: it is the text \"1\".");
        }
    }

    private static HashSet<string> ReadHide(DocumentNode node, DocumentFaults faults)
    {
        if (node is { Kind: JsonValueKind.String, Text: All })
        {
            return [All];
        }

        if (node.Kind != JsonValueKind.Array)
        {
            faults.Add(node, $"hide cannot be {node.Shown}: it is a list of names of tools, or \"*\" for all.");
            return [];
        }

        return [.. node.Items.Select((item, index) => faults.Text(item, $"hide[{index}]")).OfType<string>()];
    }

    private static FrozenDictionary<string, ToolRule> ReadTools(DocumentNode node, ToolCatalog catalog, DocumentFaults faults)
    {
        if (!faults.IsObject(node, "tools"))
        {
            return FrozenDictionary<string, ToolRule>.Empty;
        }

        Dictionary<string, ToolRule> tools = new(StringComparer.Ordinal);
        foreach (var member in node.Members)
        {
            if (member.Name == All)
            {
                faults.Add(member.Value.Pointer, member.NameOffset, "* is no tool: names are exact. Use default for the tools that are not named, all_tools for limits over all, \"hide\": \"*\" to hide all.");
            }
            else
            {
                tools[member.Name] = RuleReader.Read(member.Name, member.Value, catalog, faults);
            }
        }

        return tools.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
