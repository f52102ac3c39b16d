using System.Text;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>What the tools of the real CLIs can reach when the model has them do all that a hostile prompt says.</summary>
public sealed class RealWallSpecs(ModelStubProcess stub) : RealCliHouse(stub)
{
    private const string SecretOfHost = "secret-of-the-host";

    // What every tool may see: names that the gateway gives, and those that the shell itself and the CLI for its tools add.
    private static readonly string[] Plain = ["_", "GATEWAY_RUN", "HOME", "LANG", "OLDPWD", "PATH", "PWD", "SHELL", "SHLVL", "TERM", "TMPDIR", "TRACEPARENT"];

    private static readonly Dictionary<string, string[]> OfCli = new()
    {
        ["claude"] =
        [
            "AI_AGENT", "ANTHROPIC_BASE_URL", "API_TIMEOUT_MS", "CLAUDECODE", "CLAUDE_CODE_*", "CLAUDE_CONFIG_DIR", "CLAUDE_EFFORT", "CLAUDE_PID", "COREPACK_ENABLE_AUTO_PIN", "DISABLE_AUTOUPDATER", "GIT_EDITOR", "NoDefaultCurrentDirectoryInExePath",
        ],
        ["codex"] = ["CODEX_*", "COLORTERM", "GH_PAGER", "GIT_PAGER", "LC_ALL", "LC_CTYPE", "LOGNAME", "NO_COLOR", "PAGER", "USER"],
        // Its tools see its key by the CLI's own design, so it is a key of its own.
        ["gemini"] = ["COLORTERM", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "GCM_INTERACTIVE", "GEMINI_*", "GH_PROMPT_DISABLED", "GIT_*", "GOOGLE_GEMINI_BASE_URL", "NO_COLOR", "PAGER", "SSH_ASKPASS"],
    };

    [Fact]
    public async Task A_tool_is_nobody_and_sees_neither_keys_nor_other_folders_nor_other_processes()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/bwrap"), "bubblewrap is not to be had here: build/test installs it when it may.");
        var keys = Directory.CreateDirectory(At("home/.ssh")).FullName;
        await File.WriteAllTextAsync(Path.Combine(keys, "id_ed25519"), "a private key", Token);
        var gateway = await StartRealOnAsync($"""
            export HTTP_PROXY=http://10.0.0.1 HTTPS_PROXY=http://10.0.0.1 ALL_PROXY=http://10.0.0.1 ANTHROPIC_BASE_URL=http://10.0.0.1 OPENAI_BASE_URL=http://10.0.0.1 GOOGLE_GEMINI_BASE_URL=http://10.0.0.1
            export ANTHROPIC_API_KEY={SecretOfHost} OPENAI_API_KEY={SecretOfHost} GEMINI_API_KEY={SecretOfHost} GITHUB_TOKEN={SecretOfHost} AWS_SECRET_ACCESS_KEY={SecretOfHost} NODE_OPTIONS=--no-warnings GIT_SSH_COMMAND=false
            """, ("Auth:Scopes", "jobs:run jobs:read jobs:cancel bypass:permissions"));
        var data = gateway.Data;

        // Another job is under way, with a folder and processes of its own.
        var other = await SubmitAsync(gateway, "claude", "[[stub:hold begun]]", ("allowedTools", new[] { "Bash" }));
        var place = Path.Combine(data, "worker", "sessions", other.Json.GetProperty("sessionId").GetGuid().ToString("n"));
        await Wait.UntilAsync(() => File.Exists(Path.Combine(place, "begun")), "the other job's tool has begun");

        var script = $"""
            echo "uid $(id -u)"; echo "mask $(umask)"
            grep -e CapEff -e NoNewPrivs /proc/self/status | tr -d ':' | tr '\t' ' '
            echo "fds $(ls -l /proc/self/fd | grep -v -e ' [012] -> ' | grep -c -e socket: -e anon_inode)"
            echo "env $(env | cut -d= -f1 | grep -e '^[A-Za-z_]*$' | sort -u | tr '\n' ,)"
            echo "host $(env | grep -c -e {SecretOfHost} -e 10.0.0.1)"
            echo "others $(cat /proc/[0-9]*/environ 2>/dev/null | tr '\0' '\n' | grep -c -e {SecretOfHost} -e {PublicId.Read(other.Id):d})"
            echo "read $(cat /etc/shadow {keys}/id_ed25519 {data}/api-key {data}/pepper {data}/gateway.db {At("key")} {place}/begun 2>/dev/null | wc -c)"
            echo "listed $(ls -A {place} {keys} {data}/worker/runner 2>/dev/null | wc -l)"
            for file in /etc/passwd /usr/bin/env {keys}/x {place}/x {data}/x /root/x; do echo x >> $file; done 2>/dev/null
            echo "processes $(ls /proc | grep -c '^[0-9]')"
            echo "signals $(for id in {gateway.Id} {gateway.RunnerId}; do kill -0 $id 2>/dev/null && echo $id; done | wc -l)"
            echo "traces $(ls /proc/{gateway.RunnerId} 2>/dev/null | wc -l)"
            """;
        var told = await Task.WhenAll(
            ToldAsync(gateway, "claude", "allowedTools", new[] { "Bash" }, script), ToldAsync(gateway, "codex", "sandboxMode", "workspace-write", script), ToldAsync(gateway, "gemini", "approvalMode", "yolo", script));
        foreach (var (cli, seen) in OfCli.Keys.Zip(told))
        {
            Assert.NotEqual("0", seen["uid"]);
            Assert.Equal((cli, "0000000000000000", "1"), (cli, seen["CapEff"], seen["NoNewPrivs"]));
            Assert.EndsWith("77", seen["mask"], StringComparison.Ordinal);
            Assert.Equal((cli, "0", "0", "0"), (cli, seen["fds"], seen["host"], seen["others"]));
            Assert.Equal((cli, "0", "0", "0", "0"), (cli, seen["read"], seen["listed"], seen["signals"], seen["traces"]));
            Assert.Equal([], seen["env"].Split(',', StringSplitOptions.RemoveEmptyEntries).Where(name => !Plain.Concat(OfCli[cli]).Any(known => known.EndsWith('*') ? name.StartsWith(known[..^1], StringComparison.Ordinal) : name == known)));
            Assert.InRange(int.Parse(seen["processes"], System.Globalization.CultureInfo.InvariantCulture), 2, 20);
        }

        Assert.DoesNotContain((string[])[Path.Combine(keys, "x"), Path.Combine(place, "x"), Path.Combine(data, "x"), "/root/x"], File.Exists);
        await gateway.Client.CancelAsync(other.Id);
        await gateway.Client.EndAsync(other.Id);
    }

    [Fact]
    public async Task A_daemon_of_a_tool_is_gone_at_the_end_a_cancel_a_timeout_and_the_death_of_gateway_and_runner()
    {
        // It leaves its session and its parent, and says in a file that it is there.
        const string daemon = "setsid sh -c 'touch NAME; exec sleep 3600' >/dev/null 2>&1 </dev/null & until [ -e NAME ]; do sleep 0.05; done;";
        var gateway = await StartRealAsync();
        (string, object)[] tools = [("workingDir", Workspace), ("allowedTools", new[] { "Bash" })];
        Task<JobRecord> Begin(string name, string then, params (string, object)[] more) => SubmitAsync(gateway, "claude", $"[[stub:bash {daemon.Replace("NAME", name, StringComparison.Ordinal)} {then}]]", [.. tools, .. more]);

        var ended = await Begin("ended", "echo left");
        var canceled = await Begin("canceled", "tail -f /dev/null");
        var late = await Begin("late", "tail -f /dev/null", ("timeoutMs", 8000), ("maxAttempts", 1));
        await Wait.UntilAsync(() => File.Exists(Path.Combine(Workspace, "canceled")), "its daemon is there");
        await gateway.Client.CancelAsync(canceled.Id);
        Assert.Equal(("completed", "canceled", "timeout"), ((await gateway.Client.EndAsync(ended.Id)).Status, (await gateway.Client.EndAsync(canceled.Id)).Status, (await gateway.Client.EndAsync(late.Id)).FailureKind));
        Assert.True(File.Exists(Path.Combine(Workspace, "ended")) && File.Exists(Path.Combine(Workspace, "late")));
        Assert.All((JobRecord[])[ended, canceled, late], job => Assert.Empty(ProcessTable.Of(PublicId.Read(job.Id))));

        var cut = await Begin("cut", "tail -f /dev/null", ("maxAttempts", 1));
        await Wait.UntilAsync(() => File.Exists(Path.Combine(Workspace, "cut")), "its daemon is there");
        Assert.NotEmpty(ProcessTable.Of(PublicId.Read(cut.Id)));
        await gateway.KillWithRunnerAsync();
        await Wait.UntilAsync(() => ProcessTable.Of(PublicId.Read(cut.Id)).Count == 0, "nothing of it is alive", TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_readers_repository_full_of_traps_springs_none()
    {
        using var traps = new Traps();
        var repository = Repositories.Hostile(At("shop"), traps);
        var gateway = await StartRealAsync(("Workspaces:Roots:1", repository.Folder));
        traps.Sprung();

        foreach (var cli in (string[])["claude", "codex", "gemini"])
        {
            var job = await RunAsync(gateway, cli, $"[[stub:text read]] {cli}.", ("workingDir", repository.Folder));
            Assert.True(job.Status == "completed", job.ToString());
            Assert.Equal("read", await gateway.Client.AnswerAsync(job.Id));
            Assert.True(traps.Sprung() is [], cli);
        }

        Assert.DoesNotContain(await Stub.RequestsAsync(), request => request.KeyInBody);
        repository.Git("status");
        Assert.Contains("fsmonitor", traps.Sprung());
    }

    private static async Task<Dictionary<string, string>> ToldAsync(GatewayProcess gateway, string cli, string argument, object value, string script)
    {
        // Gemini CLI takes no command that another one is part of.
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(script.ReplaceLineEndings("\n")));
        var job = await RunAsync(gateway, cli, $"[[stub:bash echo {encoded} | base64 -d | sh]]", (argument, value));
        Assert.True(job.Status == "completed", job.ToString());
        var told = await gateway.Client.AnswerAsync(job.Id);
        Tell($"{told}");
        return told.Split('\n').Select(line => line.Replace("The tool said: ", "", StringComparison.Ordinal).Replace("Output: ", "", StringComparison.Ordinal).Split(' ', 2))
            .Where(pair => pair.Length == 2).DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1].Trim());
    }
}
