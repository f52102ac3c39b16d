using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts.Values;
using Gateway.Execution.McpServers;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;

namespace Gateway.Execution.Providers.Claude;

/// <summary>
/// The file that tells Claude Code of the MCP servers of a run, and of no others. It lies among the job's own temporary files, which go
/// with the job: the CLI's folder is the user's own where a run goes by the user's login.
/// </summary>
internal static class ClaudeMcpConfig
{
    private const string FileName = "mcp-servers.json";

    /// <summary>Where the file of a run lies.</summary>
    /// <param name="directories">The run's directories.</param>
    public static string PathOf(RunDirectories directories) => Path.Combine(directories.Temporary, FileName);

    /// <summary>Writes it, in place of one that an earlier attempt may have changed.</summary>
    /// <param name="launch">The run.</param>
    /// <exception cref="RunRefusedException">An earlier attempt put something else in the folder's place.</exception>
    public static void Write(AgentLaunch launch)
    {
        var text = new JsonObject { ["mcpServers"] = new JsonObject(launch.McpServers.Select(server => KeyValuePair.Create(server.Name, (JsonNode?)Of(server)))) };
        if (!SafeFile.TryReplace(launch.Directories.Temporary, FileName, JsonSerializer.SerializeToUtf8Bytes(text)))
        {
            throw RunRefusedException.Of(FailureKinds.Rejected, "The folder of temporary files of this job is no folder any more, so its mcpServers cannot be handed over. Ask again.");
        }
    }

    private static JsonObject Of(McpServer server) => server.Entry.Url is { Length: > 0 } url
        ? new JsonObject { ["type"] = "http", ["url"] = url, ["headers"] = McpJson.Map(server.Headers) }
        : new JsonObject { ["type"] = "stdio", ["command"] = server.Entry.Command, ["args"] = McpJson.List(server.Entry.Args), ["env"] = McpJson.Map(server.Environment) };
}
