using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers.Codex;

/// <summary>Reads a grant's arguments strictly: what this worker does not know is not left out of the run in silence.</summary>
internal static class CodexGrant
{
    /// <summary>The arguments of a run.</summary>
    /// <param name="grant">What the run may do.</param>
    /// <exception cref="RunRefusedException">They are missing, or not arguments of Codex.</exception>
    public static CodexArguments Arguments(RunGrant grant)
    {
        try
        {
            return WithDefaults(JsonSerializer.Deserialize(grant.ArgumentsJson ?? "null", CodexJson.Default.CodexArguments) ?? throw Refused());
        }
        catch (JsonException)
        {
            // What it says holds the value.
            throw Refused();
        }
    }

    // Generated readers set what can only be set at the beginning, also to nothing when it was not sent.
    private static CodexArguments WithDefaults(CodexArguments read) => read with
    {
        Images = read.Images ?? [],
        AddDirs = read.AddDirs ?? [],
        ConfigOverrides = read.ConfigOverrides ?? new Dictionary<string, string>(),
        Enable = read.Enable ?? [],
        Disable = read.Disable ?? [],
    };

    private static RunRefusedException Refused() => RunRefusedException.Of(
        FailureKinds.Rejected, "The run came without arguments for Codex, or with some that this worker does not know. Bring gateway and worker to the same version.");
}

/// <summary>The wire form of the arguments.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(CodexArguments))]
internal sealed partial class CodexJson : JsonSerializerContext;
