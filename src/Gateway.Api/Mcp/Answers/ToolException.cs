using Gateway.Api.Mcp.Arguments;

namespace Gateway.Api.Mcp.Answers;

/// <summary>Ends a call with an error of the contract. Caught at the one edge that every tool passes.</summary>
internal sealed class ToolException(ErrorRecord error) : Exception(error.Message)
{
    public ErrorRecord Error { get; } = error;

    /// <summary>Its audit record is written already.</summary>
    public bool IsRecorded { get; private init; }

    public static ToolException Because(string kind, string message, string? field = null) =>
        new(new ErrorRecord { Kind = kind, Message = message, Retryable = false, Field = field });

    public static ToolException NotFound(string id) => new(new ErrorRecord
    {
        Kind = ErrorKinds.NotFound,
        Message = $"Job not found: {ShortId(id)}. llm_job_list shows your jobs.",
        Retryable = false,
        Field = "jobId",
    });

    public static ToolException UnknownWorkspace(string alias, string field) => new(new ErrorRecord
    {
        Kind = ErrorKinds.NotFound,
        Message = $"Workspace not found: {ShortId(alias)}. workspace_list shows those open to you.",
        Retryable = false,
        Field = field,
    });

    public static ToolException UnknownRequest(string correlationId) => new(new ErrorRecord
    {
        Kind = ErrorKinds.NotFound,
        Message = $"Request not found: {ShortId(correlationId)}. llm_job_list shows your jobs.",
        Retryable = false,
        Field = "correlationId",
    });

    public static ToolException UnknownApproval(string id) => new(new ErrorRecord
    {
        Kind = ErrorKinds.NotFound,
        Message = $"Approval request not found: {ShortId(id)}. approval_list shows those that you may see.",
        Retryable = false,
        Field = "approvalId",
    });

    public static ToolException UnknownSession(string id, bool isRecorded = false) => WithoutSession($"Session not found: {ShortId(id)}", "sessionId", isRecorded);

    /// <summary>A starter looked for a session and found none; the store has written the record.</summary>
    public static ToolException NoSession(string what, string field) => WithoutSession(what, field, isRecorded: true);

    private static ToolException WithoutSession(string what, string field, bool isRecorded) => new(new ErrorRecord
    {
        Kind = ErrorKinds.NotFound,
        Message = $"{what}. session_list shows your sessions.",
        Retryable = false,
        Field = field,
    })
    {
        IsRecorded = isRecorded,
    };

    public static ToolException InvalidInput(string tool, FaultList faults)
    {
        var first = faults.Items[0];
        var message = faults.Count == 1
            ? $"{first.Field} of {tool} is wrong: {first.Limit}; {first.Remedy}."
            : $"{faults.Count} arguments of {tool} are wrong.";
        return new ToolException(new ErrorRecord
        {
            Kind = ErrorKinds.InvalidInput,
            Message = message.Length <= 500 ? message : message[..500],
            Retryable = false,
            Field = first.Field,
            Faults = faults.Items,
        });
    }

    /// <summary>An id comes back as it was sent, but neither long nor with characters that no id has.</summary>
    private static string ShortId(string id) =>
        string.Concat(id.Take(40).Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '?'));
}
