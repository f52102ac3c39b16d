using System.Text.Json;
using Gateway.Policies.Grants;

namespace Gateway.Policies.Documents;

/// <summary>Reads a grants file.</summary>
internal static class GrantsReader
{
    private const string NameWords = "a name of 1 to 64 characters without spaces";

    /// <summary>What the file says; with faults only some of it.</summary>
    /// <param name="root">The file.</param>
    /// <param name="files">The names of the policy files that are there.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static GrantsDocument Read(DocumentNode root, IReadOnlyCollection<string> files, DocumentFaults faults)
    {
        if (FieldReader.Of(root, "a grants file", faults, "version", "policies", "grants", "description", "$schema") is not { } fields)
        {
            return new GrantsDocument([], []);
        }

        if (fields.Required("version", "the text \"1\"") is { } version && version is not { Kind: JsonValueKind.String, Text: "1" })
        {
            faults.Add(version, $"version cannot be {version.Shown}: it is the text \"1\".");
        }

        foreach (var name in (string[])["description", "$schema"])
        {
            _ = fields[name] is { } text ? faults.Text(text, name) : null;
        }

        var policies = fields.Required("policies", "an object: the name of each policy with the name of its file") is { } listed ? ReadPolicies(listed, files, faults) : [];
        return new GrantsDocument(policies, fields.Required("grants", "a list of grants") is { } grants ? ReadGrants(grants, [.. policies.Select(p => p.Name)], faults) : []);
    }

    private static List<(string Name, string File)> ReadPolicies(DocumentNode node, IReadOnlyCollection<string> files, DocumentFaults faults)
    {
        List<(string Name, string File)> policies = [];
        foreach (var member in faults.IsObject(node, "policies") ? node.Members : [])
        {
            if (member.Name.Length is 0 or > GrantRule.MostNameChars)
            {
                faults.Add(member.Value.Pointer, member.NameOffset, "The name of a policy has 1 to 64 characters.");
            }

            if (faults.Text(member.Value, $"The file of {FieldReader.Cut(member.Name)}") is not { } file)
            {
                continue;
            }

            policies.Add((member.Name, file));
            if (!files.Contains(file, StringComparer.Ordinal))
            {
                faults.Add(member.Value, $"There is no file {member.Value.Shown} beside this one.{Near(file, files)}");
            }
        }

        return policies;
    }

    private static List<GrantRule> ReadGrants(DocumentNode node, string[] policies, DocumentFaults faults)
    {
        List<GrantRule> grants = [];
        var labels = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in faults.IsList(node, "grants") ? node.Items : [])
        {
            if (FieldReader.Of(item, "a grant", faults, "label", "tenant", "tenant_claim", "policy", "match") is not { } fields)
            {
                continue;
            }

            var match = fields.Required("match", "an object with api_key, or issuer and claims, or transport") is { } given ? ReadMatch(given, faults) : null;
            var label = fields.Required("label", NameWords) is { } named ? Name(named, "label", faults) : null;
            if (label is not null && !labels.Add(label))
            {
                faults.Add(item, $"The label {label} is an earlier grant's. Jobs and counters are kept under it: give each grant its own.");
            }

            var (tenant, claim) = ReadTenant(item, fields, match, faults);
            var policy = fields["policy"] is { } bound ? ReadPolicy(bound, policies, faults) : null;
            if (label is not null && match is not null)
            {
                grants.Add(new GrantRule { Label = label, Tenant = tenant, TenantClaim = claim, Policy = policy, Match = match });
            }
        }

        return grants;
    }

    private static (string? Tenant, string? Claim) ReadTenant(DocumentNode grant, FieldReader fields, GrantMatch? match, DocumentFaults faults)
    {
        var tenant = fields["tenant"] is { } named ? Name(named, "tenant", faults) : null;
        var claim = fields["tenant_claim"] is { } given ? faults.Text(given, "tenant_claim") : null;
        if (fields["tenant"] is null && fields["tenant_claim"] is null)
        {
            faults.Add(grant, "tenant is missing. It is the name of the tenant; or tenant_claim, the name of the claim that holds it.");
        }
        else if (fields["tenant"] is not null && fields["tenant_claim"] is { } second)
        {
            faults.Add(second, "tenant_claim cannot stand beside tenant. Keep one of the two.");
        }
        else if (fields["tenant_claim"] is { } lonely && match is not null and not GrantMatch.Token)
        {
            faults.Add(lonely, "tenant_claim needs a match with issuer: only a token has claims. Use tenant.");
        }

        return (tenant, claim);
    }

    private static string? ReadPolicy(DocumentNode node, string[] policies, DocumentFaults faults)
    {
        if (faults.Text(node, "policy") is not { } name || policies.Contains(name, StringComparer.Ordinal))
        {
            return node.Kind == JsonValueKind.String ? node.Text : null;
        }

        faults.Add(node, $"There is no policy {node.Shown}.{Near(name, policies)} Allowed: {string.Join(", ", policies)}.");
        return null;
    }

    private static GrantMatch? ReadMatch(DocumentNode node, DocumentFaults faults)
    {
        if (FieldReader.Of(node, "a match", faults, "api_key", "issuer", "claims", "transport") is not { } fields)
        {
            return null;
        }

        var ways = ((string[])["api_key", "issuer", "transport"]).Where(name => fields[name] is not null).ToList();
        if (ways.Count != 1 || (fields["claims"] is not null && ways[0] != "issuer"))
        {
            faults.Add(node, "match has exactly one of: api_key, the label of the key; issuer and claims, of a token; transport, which is \"stdio\".");
            return null;
        }

        return (fields["api_key"], fields["issuer"], fields["transport"]) switch
        {
            ({ } key, _, _) => faults.Text(key, "api_key", GrantRule.MostNameChars) is { } label ? new GrantMatch.ApiKey(label) : null,
            (_, { } issuer, _) => ReadToken(issuer, fields, faults),
            (_, _, { } transport) => faults.Choice(transport, "transport", "stdio") is null ? null : new GrantMatch.Stdio(),
            _ => null,
        };
    }

    private static GrantMatch.Token? ReadToken(DocumentNode issuer, FieldReader fields, DocumentFaults faults)
    {
        var name = faults.Text(issuer, "issuer");
        if (name is not null && !(Uri.TryCreate(name, UriKind.Absolute, out var address) && address.Scheme is "https" or "http" && !name.Any(char.IsWhiteSpace)))
        {
            faults.Add(issuer, $"issuer cannot be {issuer.Shown}: it is the address that tokens carry as iss, such as \"https://login.example.com/\".");
        }

        var claims = new Dictionary<string, string>(StringComparer.Ordinal);
        if (fields.Required("claims", "an object: names of claims with the value that each has to have") is not { } node || !faults.IsObject(node, "claims"))
        {
            return null;
        }

        foreach (var member in node.Members)
        {
            claims[member.Name] = faults.Text(member.Value, $"The claim {FieldReader.Cut(member.Name)}") ?? "";
        }

        return name is null ? null : new GrantMatch.Token(name, claims);
    }

    // A space divides label, issuer and subject in the value of a grant.
    private static string? Name(DocumentNode node, string what, DocumentFaults faults)
    {
        if (node.Kind == JsonValueKind.String && node.Text.Length is > 0 and <= GrantRule.MostNameChars && !node.Text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            return node.Text;
        }

        faults.Add(node, $"{what} cannot be {node.Shown}: it is {NameWords}.");
        return null;
    }

    private static string Near(string name, IEnumerable<string> known) => NearestName.Find(name, known) is { } near ? $" Did you mean {near}?" : "";
}
