using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Api.Auth;
using Gateway.Api.Mcp.Catalogue;
using Gateway.Api.Mcp.Tools;
using Gateway.Api.Policies;
using Gateway.Policies;
using Gateway.Policies.Grants;
using ModelContextProtocol.Server;

namespace Gateway.Api.Startup;

/// <summary>The tools of a gateway as its policies see them, for who judges policies without one. No setting is read, and nothing is started.</summary>
public static class ApiTools
{
    /// <summary>All tools, from the registrations that a gateway serves: there is no other list.</summary>
    public static ToolCatalog Catalog()
    {
        using var host = Compose();
        return host.Services.GetRequiredService<ToolCatalog>();
    }

    /// <summary>What a policy says of a call that nobody makes, with every counter at 0.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="label">Label of the grant.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">Its arguments, an object.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The record that a running gateway answers; null for a tool that does not exist.</returns>
    public static async Task<JsonObject?> ExplainAsync(Policy policy, string label, string tool, JsonElement arguments, CancellationToken cancellationToken)
    {
        using var host = Compose();
        var explainer = new PolicyExplainer([.. host.Services.GetServices<McpServerTool>().OfType<GatewayTool>().Select(one => one.Card)], host.Services.GetRequiredService<ModelCatalogue>());
        var grant = new PolicyGrant(label, PolicyBook.EmbeddedTenant, label, policy);
        return await explainer.ExplainAsync(grant, tool, arguments, null, TimeProvider.System.GetUtcNow(), cancellationToken) is { } explanation
            ? JsonSerializer.SerializeToNode(explanation, PolicyJson.Default.PolicyExplanation) as JsonObject
            : null;
    }

    private static IHost Compose()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddGatewayAuth(ApiKey.Nobodys).AddGatewayMcp();
        return builder.Build();
    }
}
