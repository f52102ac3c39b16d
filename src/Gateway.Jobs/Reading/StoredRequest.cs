namespace Gateway.Jobs.Reading;

/// <summary>What a job was asked for, as kept for a repeat.</summary>
/// <param name="Tool">The tool that was called.</param>
/// <param name="ArgumentsJson">Its arguments without prompt and idempotency key.</param>
/// <param name="Prompt">The prompt; null when retention removed it, and tool and arguments with it.</param>
/// <param name="Status">State of the job.</param>
/// <param name="SessionId">Its conversation; null where it kept none.</param>
public sealed record StoredRequest(string Tool, string ArgumentsJson, string? Prompt, string Status, Guid? SessionId = null);
