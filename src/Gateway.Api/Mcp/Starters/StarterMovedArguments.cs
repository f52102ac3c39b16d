using Gateway.Api.Mcp.Arguments;

namespace Gateway.Api.Mcp.Starters;

/// <summary>What clients of LLM CLI Gateway may still send.</summary>
internal static class StarterMovedArguments
{
    private const string HostFile = "leave it out: it names a file of the host or loads foreign code";

    public static MovedArguments All { get; } = new(
        new HashSet<string>(StringComparer.Ordinal)
        {
            "optimizePrompt", "optimizeResponse", "compressResponse", "includeHookEvents", "replayUserMessages",
            "strictMcpConfig", "askForApproval", "useLegacyFullAutoFlag", "search", "color", "skipTrust",
        },
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["systemPromptFile"] = "send the text as systemPrompt",
            ["appendSystemPromptFile"] = "send the text as appendSystemPrompt",
            ["settings"] = HostFile,
            ["settingSources"] = HostFile,
            ["pluginDir"] = HostFile,
            ["pluginUrl"] = HostFile,
            ["debug"] = "leave it out: progress is in llm_job_status",
            ["debugFile"] = HostFile,
            ["outputLastMessage"] = "leave it out: the answer is in llm_job_result",
            ["policyFiles"] = HostFile,
            ["adminPolicyFiles"] = HostFile,
            ["attachments"] = "put the files into workingDir",
            ["bare"] = "use safeMode",
            ["project"] = "use workingDir",
            ["newProject"] = "use workingDir",
            ["printTimeout"] = "use timeoutMs",
            ["requestInstructions"] = "use appendSystemPrompt",
        });
}
