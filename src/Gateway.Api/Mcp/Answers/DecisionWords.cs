using System.Globalization;
using Gateway.Jobs.Approvals;

namespace Gateway.Api.Mcp.Answers;

/// <summary>Says in words how a request was closed.</summary>
internal static class DecisionWords
{
    private const int MostCommentChars = 200;

    public static string Of(ApprovalRecord record)
    {
        var id = ApprovalIdText.Format(record.Id);
        var at = (record.DecidedAt ?? record.ExpiresAt).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return record.Status switch
        {
            ApprovalStatus.Pending => $"{id} waits for a decision until {at}.",
            ApprovalStatus.Approved => $"{id} was approved at {at}{By(record)}.",
            ApprovalStatus.Rejected => $"{id} was rejected at {at}{By(record)}.{Said(record)}",
            ApprovalStatus.Expired => $"{id} expired at {at}: nobody had decided it.",
            _ => $"{id} was void at {at}.{Said(record)}",
        };
    }

    private static string By(ApprovalRecord record) => record.DecidedBy is { } who ? $" by {who}" : "";

    private static string Said(ApprovalRecord record) => record.Comment is { Length: > 0 } said
        ? $" {(said.Length > MostCommentChars ? said[..(char.IsHighSurrogate(said[MostCommentChars - 1]) ? MostCommentChars - 1 : MostCommentChars)] : said)}"
        : "";
}
