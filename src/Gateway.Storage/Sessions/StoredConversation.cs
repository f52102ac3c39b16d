using Gateway.Contracts.Values;

namespace Gateway.Storage.Sessions;

/// <summary>A conversation that a run goes on with, and where its transcript lies.</summary>
/// <param name="Conversation">What the run is told of it.</param>
/// <param name="JobId">The job that wrote it.</param>
/// <param name="Attempt">Its attempt.</param>
internal sealed record StoredConversation(Conversation Conversation, Guid JobId, int Attempt);
