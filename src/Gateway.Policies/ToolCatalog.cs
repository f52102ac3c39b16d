namespace Gateway.Policies;

/// <summary>All tools that exist.</summary>
public sealed class ToolCatalog
{
    private readonly Dictionary<string, ToolFacts> tools;

    /// <summary>Of these tools.</summary>
    public ToolCatalog(IEnumerable<ToolFacts> tools) => this.tools = tools.ToDictionary(t => t.Name, StringComparer.Ordinal);

    /// <summary>Every tool, in ordinal order of the names.</summary>
    public IEnumerable<ToolFacts> All => tools.Values.OrderBy(t => t.Name, StringComparer.Ordinal);

    /// <summary>The tool, or null for an unknown name.</summary>
    public ToolFacts? Find(string name) => tools.GetValueOrDefault(name);
}
