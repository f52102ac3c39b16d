namespace Gateway.ModelStub.Messages;

/// <summary>An error answer of the Messages API.</summary>
internal sealed record ApiError(int Status, string Type, string Message, int? RetryAfterSeconds = null);
