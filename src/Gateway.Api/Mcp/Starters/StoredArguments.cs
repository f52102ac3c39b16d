using System.Text;
using System.Text.Json;
using Gateway.Api.Mcp.Arguments;

namespace Gateway.Api.Mcp.Starters;

/// <summary>
/// What a repeat needs and an idempotency key is compared by: the arguments as sent, sorted, without nulls, each value in one
/// spelling.
/// </summary>
internal static class StoredArguments
{
    // The prompt is kept on its own; the key would make every call differ from itself; how long a call waits is no matter of the job.
    private static readonly string[] LeftOut = ["prompt", "idempotencyKey", StarterArguments.WaitMs];

    /// <summary>Canonical JSON of the arguments of a call.</summary>
    public static string Of(ParsedArguments arguments)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in arguments.Sent.Where(a => !LeftOut.Contains(a.Key)))
            {
                writer.WritePropertyName(name);
                CanonicalJson.Write(writer, value);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }
}
