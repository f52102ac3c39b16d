namespace Gateway.Tests.SagaPersistence;

public sealed record ClaimTicket(Guid TicketId, int Worker);

public sealed record TicketGranted(Guid TicketId, int Worker);

public sealed record TicketDenied(Guid TicketId);

public sealed record StampTicket(Guid TicketId);

public sealed record TicketStamped(Guid TicketId, int Effects);

/// <summary>To the consumer behind the transaction: writes a note, sends <see cref="NoteTaken"/>, and does what <see cref="Text"/> says.</summary>
public sealed record TakeNote(Guid Id, string Text);

/// <summary>To the consumer without any filter.</summary>
public sealed record NoteTaken(Guid Id);

public sealed record NobodyWantsThis(Guid Id);
