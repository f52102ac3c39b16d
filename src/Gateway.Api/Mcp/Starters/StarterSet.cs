namespace Gateway.Api.Mcp.Starters;

/// <summary>The starters of this gateway.</summary>
internal sealed class StarterSet(IEnumerable<Starter> starters)
{
    private readonly Dictionary<string, Starter> byTool = starters
        .SelectMany(starter => (string[])[starter.AsyncTool, starter.WaitingTool], (starter, tool) => (starter, tool))
        .ToDictionary(one => one.tool, one => one.starter, StringComparer.Ordinal);

    /// <summary>The starter whose tool this is; null for another tool, such as one of an older version.</summary>
    /// <param name="tool">Name of a tool.</param>
    public Starter? Find(string tool) => byTool.GetValueOrDefault(tool);
}
