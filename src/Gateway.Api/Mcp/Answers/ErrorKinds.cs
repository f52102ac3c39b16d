namespace Gateway.Api.Mcp.Answers;

/// <summary>The words of <c>error.kind</c>. Wire format.</summary>
internal static class ErrorKinds
{
    public const string InvalidInput = "invalid_input";
    public const string NotFound = "not_found";
    public const string Forbidden = "forbidden";
    public const string Conflict = "conflict";
    public const string Gone = "gone";
    public const string QueueFull = "queue_full";
    public const string Unavailable = "unavailable";

    /// <summary>The job of a call that waited was canceled.</summary>
    public const string Canceled = "canceled";

    public const string Internal = "internal";
}
