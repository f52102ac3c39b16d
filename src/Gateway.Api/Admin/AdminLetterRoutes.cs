using System.Globalization;
using Gateway.Hosting.Transports.RabbitMq.DeadLetters;
using Gateway.Jobs.Administration;
using Gateway.Jobs.Audit;

namespace Gateway.Api.Admin;

/// <summary>The messages that nobody could take: of the outbox, and where there is a broker, of its queues of errors.</summary>
internal sealed class AdminLetterRoutes(JobAdministration jobs, AdminActs acts, IServiceProvider services)
{
    private const int MostLetters = 500;

    // Behind a broker alone.
    private readonly BrokerDeadLetters? broker = services.GetService<BrokerDeadLetters>();

    public async Task ListAsync(HttpContext context)
    {
        var outbox = await jobs.Store.ListDeadAsync(0, MostLetters, context.RequestAborted);
        var queues = broker is null ? [] : await broker.ListAsync(context.RequestAborted);
        await AdminReply.WriteAsync(context, new AdminLetters([.. outbox.Select(AdminLetter.Of), .. queues.Select(AdminLetter.Of)]), AdminJson.Default.AdminLetters);
    }

    public async Task ShowAsync(HttpContext context)
    {
        var letter = SeqOf(context) is { } seq
            ? await jobs.Store.FindDeadAsync(seq, context.RequestAborted) is { } row ? AdminLetter.Of(row) : null
            : broker is not null && await broker.FindAsync(IdOf(context), context.RequestAborted) is { } found ? AdminLetter.Of(found) : null;
        await (letter is null ? AdminReply.NoLetterAsync(context) : AdminReply.WriteAsync(context, letter, AdminJson.Default.AdminLetter));
    }

    public async Task RedriveAsync(HttpContext context)
    {
        var record = acts.Of(context, AuditMethods.LetterRedriven, IdOf(context));
        await DoneAsync(context, SeqOf(context) is { } seq
            ? await jobs.Store.RedriveAsync(seq, record, context.RequestAborted)
            : broker is not null && await IsRecordedAsync(broker, record, context.RequestAborted) && await broker.RedriveAsync(IdOf(context), context.RequestAborted));
    }

    public async Task ParkAsync(HttpContext context)
    {
        var record = acts.Of(context, AuditMethods.LetterParked, IdOf(context));
        await DoneAsync(context, SeqOf(context) is { } seq
            ? await jobs.Store.ParkAsync(seq, record, context.RequestAborted)
            : broker is not null && await IsRecordedAsync(broker, record, context.RequestAborted) && await broker.ParkAsync(IdOf(context), context.RequestAborted));
    }

    // A letter of the broker moves in no transaction of ours: recorded before, if it is there.
    private async Task<bool> IsRecordedAsync(BrokerDeadLetters letters, AuditRecord record, CancellationToken cancellationToken)
    {
        if (await letters.FindAsync(record.Subject ?? "", cancellationToken) is not { } letter)
        {
            return false;
        }

        await acts.RecordAsync(record with { JobId = letter.JobId }, cancellationToken);
        return true;
    }

    private static Task DoneAsync(HttpContext context, bool done) =>
        done ? AdminReply.WriteAsync(context, new AdminDone(true), AdminJson.Default.AdminDone) : AdminReply.NoLetterAsync(context);

    private static string IdOf(HttpContext context) => context.Request.RouteValues["id"] as string ?? "";

    private static long? SeqOf(HttpContext context) => long.TryParse(IdOf(context), NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : null;
}
