using Gateway.Hosting.Transports.RabbitMq.DeadLetters;
using Gateway.Jobs.Administration;

namespace Gateway.Api.Admin;

/// <summary>A message that nobody could take, wherever it lies.</summary>
/// <param name="Id">Its handle: a number in the outbox; with the broker, letters.</param>
/// <param name="Where">The queue it lies in, or <c>outbox</c>.</param>
/// <param name="Destination">Where it was to go.</param>
/// <param name="Parked">Somebody has set it aside.</param>
/// <param name="MessageId">Its id, the same after a redrive.</param>
/// <param name="JobId">The job it is about.</param>
/// <param name="Type">What it is.</param>
/// <param name="Reason">Why nobody could take it.</param>
/// <param name="Redrives">How often the broker's was sent again.</param>
/// <param name="Body">The message; left out of lists, and cut after 64 KiB where the broker has it.</param>
internal sealed record AdminLetter(
    string Id, string Where, string Destination, bool Parked, string? MessageId, Guid? JobId, string Type, string Reason, int? Redrives, string? Body)
{
    private const string Outbox = "outbox";

    public static AdminLetter Of(DeadLetter letter) => new(
        letter.Seq.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Outbox, letter.Destination, letter.Parked, letter.MessageId.ToString(), letter.JobId, letter.Type, letter.Reason, null, letter.Body);

    public static AdminLetter Of(BrokerLetter letter) => new(
        letter.Id, letter.Queue, letter.Destination, letter.Parked, letter.MessageId, letter.JobId, letter.Type, letter.Reason, letter.Redrives, letter.Body);
}
