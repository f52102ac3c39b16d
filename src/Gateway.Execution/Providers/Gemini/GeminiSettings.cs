using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Values;
using Gateway.Execution.McpServers;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers.Gemini;

/// <summary>
/// The settings without which Gemini CLI does not log in by key. They also keep what a workspace brings from being read:
/// folder trust is on and the flag that trusts is read later than they are; <c>.env</c> files are not taken, neither before
/// that (<c>ignoreLocalEnv</c>) nor when the login would be looked over once more (<c>useExternal</c>); hooks and skills are off.
/// </summary>
/// <param name="options">How Gemini CLI is started on this worker.</param>
internal sealed class GeminiSettings(GeminiOptions options)
{
    private const string FileName = "settings.json";

    /// <summary>The text of the file.</summary>
    /// <param name="servers">The MCP servers of the run.</param>
    public string TextOf(IReadOnlyList<McpServer> servers) => FormattableString.Invariant(
        $$"""
        {
          "security": { "auth": { "selectedType": "gemini-api-key", "useExternal": true }, "folderTrust": { "enabled": true } },
          "privacy": { "usageStatisticsEnabled": false },
          "telemetry": { "enabled": false },
          "general": { "enableAutoUpdate": false, "enableAutoUpdateNotification": false, "maxAttempts": {{options.MaxAttempts}} },
          "advanced": { "ignoreLocalEnv": true },
          "hooksConfig": { "enabled": false },
          "skills": { "enabled": false },
          "mcpServers": {{new JsonObject(servers.Select(server => KeyValuePair.Create(server.Name, (JsonNode?)Of(server)))).ToJsonString()}}
        }

        """);

    /// <summary>Puts the file into the CLI's folder, in place of one that an earlier attempt may have changed.</summary>
    /// <param name="folder">The CLI's folder.</param>
    /// <param name="servers">The MCP servers of the run.</param>
    /// <exception cref="RunRefusedException">An earlier attempt put something else in the folder's place.</exception>
    public void WriteTo(string folder, IReadOnlyList<McpServer> servers)
    {
        if (!SafeFile.TryReplace(folder, FileName, Encoding.UTF8.GetBytes(TextOf(servers))))
        {
            throw RunRefusedException.Of(
                FailureKinds.Rejected,
                "An earlier attempt of this job put something else in the place of Gemini CLI's own folder, so no other one is started. Look at what it did, then ask again.");
        }
    }

    private static JsonObject Of(McpServer server) => server.Entry.Url is { Length: > 0 } url
        ? new JsonObject { ["httpUrl"] = url, ["headers"] = McpJson.Map(server.Headers) }
        : new JsonObject { ["command"] = server.Entry.Command, ["args"] = McpJson.List(server.Entry.Args), ["env"] = McpJson.Map(server.Environment) };
}
