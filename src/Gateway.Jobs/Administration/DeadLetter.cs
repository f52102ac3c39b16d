namespace Gateway.Jobs.Administration;

/// <summary>A committed message that nobody sends any more.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="MessageId">Its id, the same after a redrive.</param>
/// <param name="JobId">The job it is about, where it is about one.</param>
/// <param name="Destination">Where it was to go.</param>
/// <param name="Type">What it is.</param>
/// <param name="Reason">Why nobody could take it.</param>
/// <param name="Parked">Somebody has seen it and set it aside.</param>
/// <param name="Body">The message; left out of lists.</param>
public sealed record DeadLetter(long Seq, Guid MessageId, Guid? JobId, string Destination, string Type, string Reason, bool Parked, string? Body);
