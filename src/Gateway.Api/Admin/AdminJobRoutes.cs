using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Api.Mcp.Tools;
using Gateway.Api.Policies;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Administration;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Reading;
using Gateway.Policies.Grants;
using ModelContextProtocol.Server;

namespace Gateway.Api.Admin;

/// <summary>Jobs as an operator sees them.</summary>
internal sealed class AdminJobRoutes(JobAdministration jobs, AdminActs acts, PolicyBook policies, IEnumerable<McpServerTool> tools)
{
    private const int MostEvents = 200;
    private const int MostBytes = 256 * 1024;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    public async Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var status = query["status"].ToString();
        if (status.Length > 0 && !JobStatus.All.Contains(status, StringComparer.Ordinal))
        {
            await AdminReply.RefuseAsync(context, StatusCodes.Status400BadRequest, $"status must be one of {string.Join(", ", JobStatus.All)}, not '{status}'.");
            return;
        }

        var filter = new JobFilter { Statuses = status.Length > 0 ? [status] : [], Limit = (int)NumberOf(context, "limit", 20, 1, 500) };
        var tenant = query["tenant"].ToString() is { Length: > 0 } given ? given : null;
        await AdminReply.WriteAsync(context, new AdminJobs(await jobs.ListAsync(tenant, filter, context.RequestAborted)), AdminJson.Default.AdminJobs);
    }

    public async Task ShowAsync(HttpContext context)
    {
        var wait = TimeSpan.FromMilliseconds(NumberOf(context, "waitMs", 0, 0, (long)LongestWait.TotalMilliseconds));
        var progress = new ProgressQuery(NumberOf(context, "after", 0, 0, long.MaxValue), MostEvents);
        if (!IdOf(context, out var id) || await jobs.FindAsync(id, progress, wait, context.RequestAborted) is not { } job)
        {
            await AdminReply.NoJobAsync(context);
            return;
        }

        await AdminReply.WriteAsync(context, job, AdminJson.Default.JobView);
    }

    /// <summary>Bytes of a stream as they are; where they begin and whether more can come stands in the headers.</summary>
    public async Task OutputAsync(HttpContext context)
    {
        if (!Enum.TryParse<OutputStream>(context.Request.RouteValues["stream"] as string, ignoreCase: true, out var stream))
        {
            await AdminReply.RefuseAsync(context, StatusCodes.Status400BadRequest, "The stream must be stdout, stderr, answer or transcript.");
            return;
        }

        var offset = NumberOf(context, "offset", 0, 0, long.MaxValue);
        if (!IdOf(context, out var id) || await jobs.ReadOutputAsync(id, stream, offset, MostBytes, context.RequestAborted) is not { } page)
        {
            await AdminReply.NoJobAsync(context);
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.Headers["Gateway-Attempt"] = page.Attempt.ToString(System.Globalization.CultureInfo.InvariantCulture);
        context.Response.Headers["Gateway-End"] = page.IsEnd ? "true" : "false";
        await context.Response.Body.WriteAsync(page.Bytes, context.RequestAborted);
    }

    public async Task CancelAsync(HttpContext context)
    {
        if (!IdOf(context, out var id) || await jobs.FindOwnerAsync(id, context.RequestAborted) is not { } owner)
        {
            await AdminReply.NoJobAsync(context);
            return;
        }

        await acts.RecordAsync(acts.Of(context, AuditMethods.JobCanceled) with { Tenant = owner.Tenant, JobId = id }, context.RequestAborted);
        if (await jobs.CancelAsync(id, "operator", context.RequestAborted) is not { } outcome)
        {
            await AdminReply.NoJobAsync(context);
            return;
        }

        await (outcome.Accepted
            ? AdminReply.WriteAsync(context, outcome.Job, AdminJson.Default.JobView)
            : AdminReply.RefuseAsync(context, StatusCodes.Status409Conflict, $"{outcome.Job.Id} is {outcome.Job.Status} already and cannot be canceled."));
    }

    /// <summary>The tool's own way, in the name of the owner: what it refuses is refused here.</summary>
    public async Task RetryAsync(HttpContext context)
    {
        if (!IdOf(context, out var id) || await jobs.FindOwnerAsync(id, context.RequestAborted) is not { } owner)
        {
            await AdminReply.NoJobAsync(context);
            return;
        }

        var arguments = new Dictionary<string, JsonElement> { ["jobId"] = JsonSerializer.SerializeToElement(JobIdText.Format(id), Mcp.Answers.AnswerJson.Default.String) };
        var desk = context.RequestServices.GetRequiredService<IJobDesk>();
        var label = owner.Grant.Split(' ')[0];
        var grant = policies.Current.Snapshot.FindByLabel(label, owner.Tenant, owner.Grant) ?? new PolicyGrant(label, owner.Tenant, owner.Grant, null);
        var inItsName = new Identity(grant, Scopes.All.ToHashSet(StringComparer.Ordinal)) { Operator = AdminActs.NameOf(context) };
        var reply = await tools.OfType<JobRetryTool>().Single().RunAsync(inItsName, arguments, desk, null, context.RequestAborted);
        var record = reply.StructuredContent is { } content ? content : default;
        if (reply.IsError == true)
        {
            await AdminReply.RefuseAsync(context, StatusCodes.Status409Conflict, string.Join('\n', reply.Content.OfType<ModelContextProtocol.Protocol.TextContentBlock>().Select(block => block.Text)));
            return;
        }

        await AdminReply.WriteAsync(context, record.GetProperty("job"), AdminJson.Default.JsonElement);
    }

    private static bool IdOf(HttpContext context, out Guid id) => JobIdText.TryParse(context.Request.RouteValues["id"] as string, out id);

    private static long NumberOf(HttpContext context, string name, long otherwise, long least, long most) =>
        long.TryParse(context.Request.Query[name], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, least, most) : otherwise;
}
