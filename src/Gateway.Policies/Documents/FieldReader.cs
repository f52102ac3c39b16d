namespace Gateway.Policies.Documents;

/// <summary>The fields of an object of a file. A field that it may not have is told when the reader is made.</summary>
internal sealed class FieldReader
{
    private readonly DocumentNode node;
    private readonly DocumentFaults faults;
    private readonly Dictionary<string, DocumentNode> fields;

    private FieldReader(DocumentNode node, DocumentFaults faults)
    {
        this.node = node;
        this.faults = faults;
        fields = node.Members.ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal);
    }

    /// <summary>The value of a field; null when it is not there.</summary>
    public DocumentNode? this[string name] => fields.GetValueOrDefault(name);

    /// <summary>The reader; null when the value is no object.</summary>
    /// <param name="node">The value.</param>
    /// <param name="what">What it is, such as <c>a limit</c>.</param>
    /// <param name="faults">Takes what is wrong.</param>
    /// <param name="allowed">The names of the fields that it may have.</param>
    public static FieldReader? Of(DocumentNode node, string what, DocumentFaults faults, params string[] allowed)
    {
        if (!faults.IsObject(node, what))
        {
            return null;
        }

        foreach (var member in node.Members.Where(m => !allowed.Contains(m.Name, StringComparer.Ordinal)))
        {
            var near = NearestName.Find(member.Name, allowed) is { } name ? $" Did you mean {name}?" : "";
            faults.Add(member.Value.Pointer, member.NameOffset, $"{Cut(member.Name)} is no field of {what}.{near} Allowed: {string.Join(", ", allowed)}.");
        }

        return new FieldReader(node, faults);
    }

    /// <summary>The value of a field that has to be there.</summary>
    public DocumentNode? Required(string name, string allowed)
    {
        if (this[name] is { } value)
        {
            return value;
        }

        faults.Add(node, $"{name} is missing. It is {allowed}.");
        return null;
    }

    /// <summary>A name for a message.</summary>
    public static string Cut(string name) => name.Length > 64 ? $"{name[..61]}..." : name;
}
