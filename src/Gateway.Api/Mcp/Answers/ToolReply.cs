using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Answers;

/// <summary>Makes the result of a call: one record and exactly one text block.</summary>
internal static class ToolReply
{
    private const int MostErrorChars = 2000;

    public static CallToolResult Of<T>(T answer, JsonTypeInfo<T> type, string text) => new()
    {
        StructuredContent = JsonSerializer.SerializeToElement(answer, type),
        Content = [new TextContentBlock { Text = text }],
        IsError = false,
    };

    public static CallToolResult Of(ErrorRecord error) => OfError(new ErrorAnswer(error), AnswerJson.Default.ErrorAnswer, error);

    public static CallToolResult Of(FailedRunAnswer answer) => OfError(answer, AnswerJson.Default.FailedRunAnswer, answer.Error);

    private static CallToolResult OfError<T>(T answer, JsonTypeInfo<T> type, ErrorRecord error) => new()
    {
        StructuredContent = JsonSerializer.SerializeToElement(answer, type),
        Content = [new TextContentBlock { Text = InWords(error) }],
        IsError = true,
    };

    private static string InWords(ErrorRecord error)
    {
        if (error.Reason is { } reason)
        {
            // The message begins with the reason, in another case; the waiting time is in it.
            return $"Refused by policy: {reason}{error.Message[Math.Min(reason.Length, error.Message.Length)..]}";
        }

        var text = new StringBuilder(error.Message);
        foreach (var fault in error.Faults ?? [])
        {
            var line = $"\n- {fault.Field}: {fault.Value} (allowed: {fault.Limit}); {fault.Remedy}";
            if (text.Length + line.Length > MostErrorChars - 8)
            {
                text.Append("\n- more");
                break;
            }

            text.Append(line);
        }

        if (error.RetryAfterSeconds is { } seconds)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $" Try again in {seconds} s.");
        }

        return text.ToString();
    }
}
