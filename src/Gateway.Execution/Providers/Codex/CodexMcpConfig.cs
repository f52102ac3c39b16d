using System.Text;
using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.McpServers;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers.Codex;

/// <summary>
/// The configuration that tells Codex of the MCP servers of a run: <c>config.toml</c> of a home of the job's own. Their tools need no
/// further consent, since nobody is there who could give it: the operator has registered the server, and the caller has named it.
/// </summary>
internal static class CodexMcpConfig
{
    /// <summary>What Codex writes to stderr of a server that did not come up, with the log level that the command line sets.</summary>
    private static readonly byte[][] Failures = [.. ((string[])["MCP server startup failed", "failed to initialize MCP client"]).Select(Encoding.UTF8.GetBytes)];

    private const string FileName = "config.toml";

    /// <summary>Refuses a run that would have them in a home that is not its own.</summary>
    /// <param name="launch">The run.</param>
    /// <exception cref="RunRefusedException">It goes by the user's login.</exception>
    public static void ThrowUnlessOwn(AgentLaunch launch)
    {
        if (launch.McpServers.Count > 0 && launch.Credential.Kind == CredentialKind.Login)
        {
            throw RunRefusedException.Of(
                FailureKinds.Rejected,
                $"Codex has MCP servers only in a home of its own, and credential '{launch.Credential.Name}' is the user's own login. Make it one of the kind api_key or helper on the worker, or leave mcpServers out.");
        }
    }

    /// <summary>Writes the file, in place of one that an earlier attempt may have changed.</summary>
    /// <param name="launch">The run.</param>
    /// <exception cref="RunRefusedException">An earlier attempt put something else in the folder's place.</exception>
    public static void Write(AgentLaunch launch)
    {
        if (!SafeFile.TryReplace(launch.Directories.Config, FileName, Encoding.UTF8.GetBytes(TextOf(launch.McpServers))))
        {
            throw RunRefusedException.Of(FailureKinds.Rejected, "An earlier attempt of this job put something else in the place of Codex' own folder, so no other one is started. Look at what it did, then ask again.");
        }
    }

    /// <summary>Whether one of them did not come up.</summary>
    /// <param name="stderr">The end of what Codex wrote there.</param>
    public static bool HasFailure(ReadOnlySpan<byte> stderr)
    {
        foreach (var failure in Failures)
        {
            if (stderr.IndexOf(failure) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    private static string TextOf(IEnumerable<McpServer> servers)
    {
        var text = new StringBuilder();
        foreach (var server in servers)
        {
            var table = $"mcp_servers.{TomlText.Of(server.Name)}";
            text.Append('[').Append(table).Append("]\ndefault_tools_approval_mode = \"approve\"\n");
            if (server.Entry.Url is { Length: > 0 } url)
            {
                text.Append("url = ").Append(TomlText.Of(url)).Append('\n');
                Add(text, $"{table}.http_headers", server.Headers);
            }
            else
            {
                text.Append("command = ").Append(TomlText.Of(server.Entry.Command ?? "")).Append('\n')
                    .Append("args = [").AppendJoin(", ", server.Entry.Args.Select(TomlText.Of)).Append("]\n");
                Add(text, $"{table}.env", server.Environment);
            }
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, string table, IReadOnlyDictionary<string, string> values)
    {
        text.Append('[').Append(table).Append("]\n");
        foreach (var (name, value) in values)
        {
            text.Append(TomlText.Of(name)).Append(" = ").Append(TomlText.Of(value)).Append('\n');
        }
    }
}
