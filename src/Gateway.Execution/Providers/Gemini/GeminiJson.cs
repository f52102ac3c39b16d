using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers.Gemini;

/// <summary>Reads the arguments of a grant as strictly as the edge wrote them: what is not known here is not left out in silence.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(GeminiArguments))]
internal sealed partial class GeminiJson : JsonSerializerContext
{
    /// <summary>The arguments of a grant.</summary>
    /// <param name="json">A JSON object, or null for none.</param>
    /// <exception cref="RunRefusedException">It is no object, or holds what this worker does not know.</exception>
    public static GeminiArguments Read(string? json)
    {
        try
        {
            var read = json is null ? null : JsonSerializer.Deserialize(json, Default.GeminiArguments);

            // A list that is not there is null for generated code, whatever the record says.
            return read is null ? new GeminiArguments() : read with { IncludeDirs = read.IncludeDirs ?? [], AllowedTools = read.AllowedTools ?? [] };
        }
        catch (JsonException)
        {
            throw RunRefusedException.Of(FailureKinds.Rejected, "The arguments of this Gemini run are not all known to its worker. The worker must be of the gateway's version.");
        }
    }
}
