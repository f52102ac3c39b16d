namespace Gateway.Api.Edge.Tls;

/// <summary>The files make no certificate that can be used. The message names setting and file, and nothing of what they hold.</summary>
internal sealed class CertificateFaultException(string message, Exception? cause = null) : Exception(message, cause);
