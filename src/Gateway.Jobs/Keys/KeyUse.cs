namespace Gateway.Jobs.Keys;

/// <summary>A key was used.</summary>
/// <param name="KeyId">The key.</param>
/// <param name="At">When.</param>
/// <param name="Rehashed">Its hash under the pepper of today, when it was kept under an older one; else null.</param>
public sealed record KeyUse(Guid KeyId, DateTimeOffset At, KeyHash? Rehashed = null);
