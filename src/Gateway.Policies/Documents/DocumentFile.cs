namespace Gateway.Policies.Documents;

/// <summary>A file as it was read: the engine itself reads none.</summary>
/// <param name="Name">Its name, as messages tell it and as the grants file names it.</param>
/// <param name="Content">Its bytes.</param>
public sealed record DocumentFile(string Name, ReadOnlyMemory<byte> Content);
