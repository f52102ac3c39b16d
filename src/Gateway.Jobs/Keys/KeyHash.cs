namespace Gateway.Jobs.Keys;

/// <summary>The hash of a key.</summary>
/// <param name="PepperId">Under which pepper, 1 to 16 characters.</param>
/// <param name="Hex">64 lower-case hex digits.</param>
public sealed record KeyHash(string PepperId, string Hex);
