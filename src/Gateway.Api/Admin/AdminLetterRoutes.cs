using System.Globalization;
using Gateway.Hosting.Transports.RabbitMq.DeadLetters;
using Gateway.Jobs.Administration;

namespace Gateway.Api.Admin;

/// <summary>The messages that nobody could take: of the outbox, and where there is a broker, of its queues of errors.</summary>
internal sealed class AdminLetterRoutes(JobAdministration jobs, IServiceProvider services)
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

    public async Task RedriveAsync(HttpContext context) => await DoneAsync(context, SeqOf(context) is { } seq
        ? await jobs.Store.RedriveAsync(seq, context.RequestAborted)
        : broker is not null && await broker.RedriveAsync(IdOf(context), context.RequestAborted));

    public async Task ParkAsync(HttpContext context) => await DoneAsync(context, SeqOf(context) is { } seq
        ? await jobs.Store.ParkAsync(seq, context.RequestAborted)
        : broker is not null && await broker.ParkAsync(IdOf(context), context.RequestAborted));

    private static Task DoneAsync(HttpContext context, bool done) =>
        done ? AdminReply.WriteAsync(context, new AdminDone(true), AdminJson.Default.AdminDone) : AdminReply.NoLetterAsync(context);

    private static string IdOf(HttpContext context) => context.Request.RouteValues["id"] as string ?? "";

    private static long? SeqOf(HttpContext context) => long.TryParse(IdOf(context), NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : null;
}
