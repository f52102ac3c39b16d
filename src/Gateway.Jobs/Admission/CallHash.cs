using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Jobs.Parking;

namespace Gateway.Jobs.Admission;

/// <summary>What two calls are compared by. Each part goes in with its length before it, so that no two calls have one text.</summary>
internal static class CallHash
{
    /// <summary>Equal for calls that an idempotency key may stand for: the tool's family and the arguments as sent.</summary>
    public static string OfCall(RunRequest request) => Of(FamilyOf(request), request.ArgumentsJson, request.Prompt, request.RetryOf?.ToString() ?? "");

    /// <summary>Equal for calls that would start the same run, whatever is said of labels, priority, time limits or attempts.</summary>
    public static string OfContent(RunRequest request) => Of(
        [
            request.Cli, request.Agent.Json, request.Prompt, request.WorkingDirectory ?? "", request.CredentialName,
            .. request.OnUsageLimit == UsageLimitChoice.Fail ? (string[])["fail"] : [],
            .. request.Conversation is { Resumes: { } session, Forks: var forks } ? (string[])[session.ToString("N"), forks ? "fork" : ""] : [],
            .. request.McpServers.Count > 0 ? (string[])["servers", .. request.McpServers] : [],
            .. request.Places is { } places ? (string[])[JsonSerializer.Serialize(places, JobsJson.Default.RunPlaces)] : [],
        ]);

    // A tool that waits and one that does not ask for the same thing. The word is that of rows which are there already.
    private static string FamilyOf(RunRequest request) => $"{request.Cli}_request_async";

    private static string Of(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(Encoding.ASCII.GetBytes(bytes.Length.ToString(CultureInfo.InvariantCulture) + ":"));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
