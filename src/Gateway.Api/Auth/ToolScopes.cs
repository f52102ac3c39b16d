namespace Gateway.Api.Auth;

/// <summary>Which scope a tool needs.</summary>
/// <param name="scopes">Scope by tool name.</param>
internal sealed class ToolScopes(IReadOnlyDictionary<string, string> scopes)
{
    /// <summary>The scope, or null for an unknown tool.</summary>
    public string? Find(string tool) => scopes.GetValueOrDefault(tool);
}
