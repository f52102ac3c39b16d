namespace Gateway.Jobs.Administration;

/// <summary>How the outbox does.</summary>
/// <param name="Pending">Messages that are not settled, delayed ones included.</param>
/// <param name="OldestDueSeconds">For how long the oldest of them is due; 0 when none is.</param>
/// <param name="Dead">Dead letters that nobody has set aside.</param>
/// <param name="Parked">Dead letters that somebody has set aside.</param>
public sealed record OutboxFigures(long Pending, double OldestDueSeconds, long Dead, long Parked);
