using System.Text.Json;
using Gateway.Jobs;
using Gateway.Jobs.Audit;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Policies;

/// <summary>What is recorded of calls: of arguments their keyed hash, and whether reads count.</summary>
internal sealed class CallAudit(AuditKeys keys, IOptions<AuditOptions> options)
{
    /// <summary>Allowed calls that change nothing are recorded too.</summary>
    public bool Reads => options.Value.Reads;

    /// <summary>Keyed hash of arguments; null for those with half of a character in them, which have no one spelling and are refused.</summary>
    public string? HashOf(IReadOnlyDictionary<string, JsonElement> arguments)
    {
        try
        {
            return keys.OfArguments(JsonSerializer.SerializeToElement(arguments, PolicyJson.Default.IReadOnlyDictionaryStringJsonElement));
        }
        catch (Exception half) when (half is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The job that a call is about. An id is no secret; what is none is left out.</summary>
    public static Guid? JobOf(IReadOnlyDictionary<string, JsonElement> arguments) =>
        arguments.TryGetValue("jobId", out var text) && text.ValueKind == JsonValueKind.String && JobIdText.TryParse(text.GetString(), out var id) ? id : null;
}
