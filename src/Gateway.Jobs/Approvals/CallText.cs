using System.Text;
using System.Text.Json;

namespace Gateway.Jobs.Approvals;

/// <summary>Puts a call together again that is stored in pieces.</summary>
public static class CallText
{
    /// <summary>The arguments as one JSON object.</summary>
    /// <param name="argumentsJson">All but the other two, a JSON object.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="idempotencyKey">The key; null when none was sent.</param>
    public static string Whole(string argumentsJson, string prompt, string? idempotencyKey)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            using var arguments = JsonDocument.Parse(argumentsJson);
            foreach (var member in arguments.RootElement.EnumerateObject())
            {
                member.WriteTo(json);
            }

            json.WriteString("prompt", prompt);
            if (idempotencyKey is not null)
            {
                json.WriteString("idempotencyKey", idempotencyKey);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
