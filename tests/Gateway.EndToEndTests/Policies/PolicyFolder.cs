namespace Gateway.EndToEndTests.Policies;

/// <summary>A folder of policy files for the key that every gateway of a test has.</summary>
internal sealed class PolicyFolder
{
    public PolicyFolder(string path, string policy)
    {
        Path = Directory.CreateDirectory(path).FullName;
        Write(policy);
    }

    public string Path { get; }

    /// <summary>So many starts a day, which no test outlasts, and questions about jobs.</summary>
    public static string Starts(int max) =>
        $$$$"""{"version":"1","default":"deny","tools":{"claude_request_async":{"limits":[{"counter":"starts","window":"day","max":{{{{max}}}} }]},"llm_job_status":{},"llm_job_result":{}}}""";

    /// <summary>As an editor does it: the whole file in one step.</summary>
    public void Write(string policy)
    {
        var edited = System.IO.Path.Combine(Path, "edited");
        File.WriteAllText(edited, policy);
        File.Move(edited, System.IO.Path.Combine(Path, "local.json"), overwrite: true);
    }
}
