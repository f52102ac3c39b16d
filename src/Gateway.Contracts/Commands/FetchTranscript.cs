namespace Gateway.Contracts.Commands;

/// <summary>
/// The worker that holds an attempt asks for a piece of the conversation that its grant tells it to go on with. Which stored
/// transcript that is, the control plane knows; the worker names no other job. Answered by <see cref="TranscriptPart"/>, or by
/// <see cref="RunDenied"/> when it does not hold the attempt or nothing is stored; goes to <see cref="EndpointNames.Transcript"/>.
/// </summary>
public sealed record FetchTranscript
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt that is to go on with it.</summary>
    public required int Attempt { get; init; }

    /// <summary>The worker that holds the attempt.</summary>
    public required Guid WorkerId { get; init; }

    /// <summary>Epoch of that worker.</summary>
    public required long Epoch { get; init; }

    /// <summary>Where in the transcript the piece begins, 0 or more bytes.</summary>
    public required long Offset { get; init; }
}
