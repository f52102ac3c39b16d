using System.Text.Json;
using Gateway.Api.Mcp.Catalogue;
using Gateway.Api.Mcp.Tools;
using Gateway.Api.Policies;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Leases;
using ModelContextProtocol.Server;

namespace Gateway.Api.Admin;

/// <summary>The policies in force, and what they would say of a call.</summary>
internal sealed class AdminPolicyRoutes(PolicyBook book, IEnumerable<McpServerTool> tools, ModelCatalogue models, ILimitReader limits, IStoreClock clock)
{
    private readonly PolicyExplainer explainer = new([.. tools.OfType<GatewayTool>().Select(tool => tool.Card)], models);

    public Task ShowAsync(HttpContext context) => AdminReply.WriteAsync(context, AdminPolicies.Of(book.Current, book.Faults), AdminJson.Default.AdminPolicies);

    /// <summary>Judges a call that nobody makes: nothing is counted, stored or started. Its arguments come in the body, which no log shows.</summary>
    public async Task ExplainAsync(HttpContext context)
    {
        if (await ReadAsync(context) is not { } question || question.Arguments is not { ValueKind: JsonValueKind.Object } arguments)
        {
            await AdminReply.RefuseAsync(context, StatusCodes.Status400BadRequest, "Ask with an object of tool, arguments (an object), grant and, where the grant does not say them, tenant and caller.");
            return;
        }

        var label = question.Grant ?? PolicyBook.EmbeddedLabel;
        if (book.Current.Snapshot.FindAs(label, question.Tenant, question.Caller, PolicyBook.EmbeddedTenant) is not { } grant)
        {
            await AdminReply.RefuseAsync(context, StatusCodes.Status404NotFound, $"No grant {label}{(question.Tenant is null ? "" : $" of the tenant {question.Tenant}")} is in force: each call of its caller is refused with (no policy).");
            return;
        }

        await (await explainer.ExplainAsync(grant, question.Tool ?? "", arguments, limits.ReadAsync, clock.GetUtcNow(), context.RequestAborted) is { } explanation
            ? AdminReply.WriteAsync(context, explanation, PolicyJson.Default.PolicyExplanation)
            : AdminReply.RefuseAsync(context, StatusCodes.Status404NotFound, $"There is no tool {question.Tool}. There are {string.Join(", ", explainer.Names)}."));
    }

    private static async Task<AdminQuestion?> ReadAsync(HttpContext context)
    {
        try
        {
            return await context.Request.ReadFromJsonAsync(AdminJson.Default.AdminQuestion, context.RequestAborted);
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or BadHttpRequestException)
        {
            return null;
        }
    }
}
