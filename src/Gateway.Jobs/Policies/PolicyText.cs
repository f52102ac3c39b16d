namespace Gateway.Jobs.Policies;

/// <summary>A policy as it was in force.</summary>
/// <param name="Hash">Its hash, as records name it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Text">Its normalised text.</param>
public sealed record PolicyText(string Hash, string Name, string Text);
