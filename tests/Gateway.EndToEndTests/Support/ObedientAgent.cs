using System.Text;

namespace Gateway.EndToEndTests.Support;

/// <summary>An agent at the mercy of its prompt: runs it as a shell script, with all that an agent has, and answers what that printed.</summary>
internal static class ObedientAgent
{
    private const string Script = """
        #!/bin/sh
        s=00000000-0000-4000-8000-000000000000
        while [ $# -gt 0 ]; do
            case $1 in --session-id | --resume) s=$2; shift ;; esac
            shift
        done
        said=$(/bin/sh 2>&1 | base64 -w 0)
        echo '{"type":"system","subtype":"init","cwd":"","session_id":"'$s'","tools":[],"mcp_servers":[],"model":"claude-opus-5-5","permissionMode":"default","uuid":"'$s'"}'
        echo '{"type":"result","subtype":"success","is_error":false,"session_id":"'$s'","num_turns":1,"total_cost_usd":0.01,"permission_denials":[],"terminal_reason":"completed","result":"'$said'","uuid":"'$s'"}'

        """;

    /// <summary>Writes the program.</summary>
    public static string At(string path)
    {
        File.WriteAllText(path, Script.ReplaceLineEndings("\n"));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        return path;
    }

    /// <summary>What the script of a job printed.</summary>
    public static async Task<string> SaidAsync(McpCaller caller, string jobId) => Encoding.UTF8.GetString(Convert.FromBase64String(await caller.AnswerAsync(jobId)));
}
