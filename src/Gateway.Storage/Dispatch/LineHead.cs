namespace Gateway.Storage.Dispatch;

/// <summary>The oldest waiting job of one caller, tool and credential.</summary>
/// <param name="Grant">Grant value of the caller.</param>
/// <param name="GrantLabel">Label of its grant.</param>
/// <param name="Tool">The tool.</param>
/// <param name="CredentialName">The credential.</param>
/// <param name="DueAtMs">Since when it may start.</param>
internal sealed record LineHead(string Grant, string GrantLabel, string Tool, string CredentialName, long DueAtMs);
