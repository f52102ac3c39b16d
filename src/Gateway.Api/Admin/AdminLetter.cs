using System.Globalization;
using System.Text;
using Gateway.Hosting.Transports;
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
/// <param name="Bytes">Length of the message as it lies there; of the outbox left out of lists.</param>
/// <param name="Headers">What the broker's has written on it; left out of lists.</param>
/// <param name="Body">Its <see cref="MessageOutline"/>: nothing that a caller or an agent wrote. Left out of lists.</param>
internal sealed record AdminLetter(
    string Id, string Where, string Destination, bool Parked, string? MessageId, Guid? JobId, string Type, string Reason, int? Redrives, int? Bytes,
    IReadOnlyDictionary<string, string>? Headers, string? Body)
{
    private const string Outbox = "outbox";

    public static AdminLetter Of(DeadLetter letter)
    {
        var body = letter.Body is { } text ? Encoding.UTF8.GetBytes(text) : null;
        return new(
            letter.Seq.ToString(CultureInfo.InvariantCulture),
            Outbox, letter.Destination, letter.Parked, letter.MessageId.ToString(), letter.JobId, letter.Type, letter.Reason, null,
            body?.Length, null, body is null ? null : MessageOutline.Of(body));
    }

    public static AdminLetter Of(BrokerLetter letter) => new(
        letter.Id, letter.Queue, letter.Destination, letter.Parked, letter.MessageId, letter.JobId, letter.Type, letter.Reason, letter.Redrives,
        letter.Bytes, letter.Headers, letter.Body);
}
