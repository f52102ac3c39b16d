using System.Text.Json;
using Xunit;

namespace Gateway.EndToEndTests.Support;

/// <summary>The answer to one tool call.</summary>
internal sealed record Reply(JsonElement Result)
{
    public JsonElement Record => Result.GetProperty("structuredContent");

    public bool IsError => Result.TryGetProperty("isError", out var flag) && flag.GetBoolean();

    public string Text => Assert.Single(Result.GetProperty("content").EnumerateArray()).GetProperty("text").GetString()!;

    /// <summary>The record of a call that succeeded.</summary>
    public JsonElement Good
    {
        get
        {
            Assert.False(IsError, Record.GetRawText());
            Assert.True(Record.GetProperty("success").GetBoolean());
            return Record;
        }
    }

    /// <summary>The error of a call that was refused, in the one shape that all tools have.</summary>
    public JsonElement Error
    {
        get
        {
            Assert.True(IsError, Record.GetRawText());
            Assert.False(Record.GetProperty("success").GetBoolean());
            Assert.InRange(Text.Length, 1, 2000);
            var error = Record.GetProperty("error");
            Assert.NotEmpty(error.GetProperty("kind").GetString()!);
            Assert.InRange(error.GetProperty("message").GetString()!.Length, 1, 500);
            _ = error.GetProperty("retryable").GetBoolean();
            return error;
        }
    }

    public string ErrorKind => Error.GetProperty("kind").GetString()!;
}
