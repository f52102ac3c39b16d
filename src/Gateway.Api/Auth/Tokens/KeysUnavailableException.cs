namespace Gateway.Api.Auth.Tokens;

/// <summary>The keys of an issuer could not be had, and none are known from before.</summary>
internal sealed class KeysUnavailableException(string issuer, Exception? inner = null) : Exception($"The keys of {issuer} cannot be had now.", inner);
