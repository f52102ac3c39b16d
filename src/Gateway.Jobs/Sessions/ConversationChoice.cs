namespace Gateway.Jobs.Sessions;

/// <summary>Which conversation a job has.</summary>
public sealed record ConversationChoice
{
    /// <summary>A new one that is kept: what a call without session arguments gets.</summary>
    public static ConversationChoice New { get; } = new();

    /// <summary>A new one that nobody can go on with.</summary>
    public static ConversationChoice Unkept { get; } = new() { Keeps = false };

    /// <summary>An existing session of the caller that the job goes on with, or that it forks; null for a new conversation.</summary>
    public Guid? Resumes { get; init; }

    /// <summary>The job begins a session of its own with what <see cref="Resumes"/> held when the job was accepted.</summary>
    public bool Forks { get; init; }

    /// <summary>The conversation can be gone on with after the job.</summary>
    public bool Keeps { get; init; } = true;
}
