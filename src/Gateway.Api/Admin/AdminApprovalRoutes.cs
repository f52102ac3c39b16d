using System.Globalization;
using Gateway.Api.Mcp.Answers;
using Gateway.Hosting.Operators;
using Gateway.Jobs.Approvals;

namespace Gateway.Api.Admin;

/// <summary>Requests for approval of all tenants. Whoever has this door is a person of the house: no request is an own one.</summary>
internal sealed class AdminApprovalRoutes(ApprovalDesk desk)
{
    private const int DefaultLimit = 50;
    private const int MostListed = 500;
    private const int MostCommentChars = 500;

    public async Task ListAsync(HttpContext context)
    {
        var status = TextOf(context, "status");
        if (status is not null && !ApprovalStatus.All.Contains(status, StringComparer.Ordinal))
        {
            await AdminReply.RefuseAsync(context, StatusCodes.Status400BadRequest, $"status must be one of {string.Join(", ", ApprovalStatus.All)}, not '{status}'.");
            return;
        }

        var limit = int.TryParse(context.Request.Query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, 1, MostListed) : DefaultLimit;
        var (page, _) = await desk.ListAsync(new ApprovalFilter { Tenant = TextOf(context, "tenant"), Cli = TextOf(context, "cli"), Status = status, Limit = limit }, context.RequestAborted);
        await AdminReply.WriteAsync(context, new AdminApprovals([.. page.Select(ViewOf)]), AdminJson.Default.AdminApprovals);
    }

    public async Task ShowAsync(HttpContext context) => await (
        ApprovalIdText.TryParse(IdOf(context), out var id) && await desk.FindAsync(null, id, context.RequestAborted) is { } record
            ? AdminReply.WriteAsync(context, ViewOf(record), AdminJson.Default.ApprovalView)
            : NoneAsync(context));

    public Task ApproveAsync(HttpContext context) => DecideAsync(context, approve: true);

    public Task RejectAsync(HttpContext context) => DecideAsync(context, approve: false);

    private async Task DecideAsync(HttpContext context, bool approve)
    {
        var comment = TextOf(context, "comment");
        if (comment is { Length: > MostCommentChars } || comment?.Contains('\0', StringComparison.Ordinal) == true)
        {
            await AdminReply.RefuseAsync(context, StatusCodes.Status400BadRequest, $"comment must be at most {MostCommentChars} characters of text, not {comment.Length}.");
            return;
        }

        // The guard before these routes lets nobody through whose user it does not know.
        var user = AdminSocket.PeerOf(context) ?? throw new InvalidOperationException("A decision came through no socket.");
        DecisionOutcome outcome = ApprovalIdText.TryParse(IdOf(context), out var id)
            ? await desk.DecideAsync(Decider.Operator(user), id, approve, comment, context.RequestAborted)
            : new DecisionOutcome.Unknown();
        await (outcome switch
        {
            DecisionOutcome.Decided decided => AdminReply.WriteAsync(context, ViewOf(decided.Record), AdminJson.Default.ApprovalView),
            DecisionOutcome.Closed closed => AdminReply.RefuseAsync(context, StatusCodes.Status409Conflict, $"{DecisionWords.Of(closed.Record)} It is closed; your decision does not count."),
            DecisionOutcome.Unavailable => AdminReply.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The policy of the caller cannot be applied now; nothing was decided. Try again."),
            _ => NoneAsync(context),
        });
    }

    private static ApprovalView ViewOf(ApprovalRecord record) => ApprovalView.Of(record, redacted: false) with { Tenant = record.Caller.Tenant, Owner = record.GrantLabel };

    private static Task NoneAsync(HttpContext context) => AdminReply.RefuseAsync(context, StatusCodes.Status404NotFound, $"There is no approval request {IdOf(context)}. See gateway approvals list.");

    private static string? IdOf(HttpContext context) => context.Request.RouteValues["id"] as string;

    private static string? TextOf(HttpContext context, string name) => context.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;
}
