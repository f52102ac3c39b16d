using Gateway.Policies;

namespace Gateway.Api.Policies;

/// <summary>What is in force. Immutable, swapped as one reference.</summary>
/// <param name="Snapshot">The policies, and who they are for.</param>
/// <param name="Kind">How the operator keeps them, in words.</param>
/// <param name="LoadedAt">Since when.</param>
/// <param name="Files">Hash over the names and bytes of all files: another one when only who is who was edited.</param>
internal sealed record PolicyState(PolicySnapshot Snapshot, string Kind, DateTimeOffset LoadedAt, string Files);
