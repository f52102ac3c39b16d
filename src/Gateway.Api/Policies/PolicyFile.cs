namespace Gateway.Api.Policies;

/// <summary>A file as it was read.</summary>
/// <param name="Name">Its name in the folder, for messages and for the grants file.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record PolicyFile(string Name, byte[] Content);
