namespace Gateway.Tests.SagaPersistence;

/// <summary>The effect of <see cref="TakeNote"/>.</summary>
internal sealed class Note
{
    public long Id { get; set; }

    public Guid NoteId { get; set; }

    public required string Text { get; set; }
}
