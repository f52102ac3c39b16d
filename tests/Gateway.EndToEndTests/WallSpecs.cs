using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>What an agent that does all that a hostile prompt says can reach from within its walls.</summary>
public sealed class WallSpecs : GatewayHouse
{
    private const string Report = """
        echo "home $HOME"; echo "config $CLAUDE_CONFIG_DIR"; echo "tmp $TMPDIR"; echo "work $(pwd)"
        echo "left $(ls -A "$HOME" "$TMPDIR" . | grep -c mark)"
        """;

    // ptrace(PTRACE_ATTACH, id, 0, 0), whose number the kernel gives each kind of machine.
    private const string Attach = """
        perl -e '$n = shift; for (@ARGV) { print syscall($n, 16, $_ + 0, 0, 0) == 0 ? "attached" : "$!", "," }' $([ "$(uname -m)" = aarch64 ] && echo 117 || echo 101)
        """;

    [Fact]
    public async Task Runs_of_two_tenants_share_no_folder_and_neither_finds_the_other_while_it_runs_or_after_it()
    {
        using var both = await StartAsync();
        const string leaveMarks = """
            for place in "$HOME" "$CLAUDE_CONFIG_DIR" "$TMPDIR" . /tmp /var/tmp /dev/shm; do echo secret-of-acme > "$place/mark-acme" 2>/dev/null; done
            export SECRET_OF_ACME=1; sleep 1000000 & echo up > begun; until [ -e go ]; do sleep 0.05; done; kill $!
            """;
        var acme = await both.Acme.SubmitAsync($"{Report}\n{leaveMarks}");
        var work = Path.Combine(both.Gateway.Data, "worker", "sessions", acme.Json.GetProperty("sessionId").GetGuid().ToString("n"));
        await Wait.UntilAsync(() => File.Exists(Path.Combine(work, "begun")), "acme's run is under way");

        // The brackets keep the search from finding itself.
        var look = $"""
            {Report}
            echo "marks $(find / -name 'mark-acme*' 2>/dev/null | wc -l)"
            echo "words $(cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | grep -ac -e '[A]CME' -e '[1]000000')"
            echo "others $(ls {work} {both.Gateway.Data}/gateway.db 2>/dev/null | wc -l)"
            """;
        var during = Lines(await RunAsync(both.Bolt, look));
        await File.WriteAllTextAsync(Path.Combine(work, "go"), "", Token);
        Assert.Equal("completed", (await both.Acme.EndAsync(acme.Id)).Status);
        var first = Lines(await ObedientAgent.SaidAsync(both.Acme, acme.Id));
        var after = Lines(await RunAsync(both.Bolt, look));
        var again = Lines(await RunAsync(both.Acme, look));

        Assert.Equal(("0", "0", "0", "0"), (during["marks"], during["words"], during["others"], during["left"]));
        Assert.Equal(("0", "0", "0", "0"), (after["marks"], after["words"], after["others"], after["left"]));
        Assert.Equal(("0", "0"), (again["marks"], again["left"]));
        foreach (var place in (string[])["home", "config", "tmp", "work"])
        {
            Assert.Equal(4, new[] { first[place], during[place], after[place], again[place] }.Distinct().Count());
            // What a conversation worked with stays with it.
            await Wait.UntilAsync(() => place == "work" || !Directory.Exists(first[place]), "nothing is left of it");
        }
    }

    [Fact]
    public async Task An_agent_is_nobody_and_sees_neither_keys_nor_the_gateway_nor_its_processes()
    {
        using var both = await StartAsync();
        var (data, keys) = (both.Gateway.Data, Directory.CreateDirectory(At("home/.ssh")).FullName);
        await File.WriteAllTextAsync(Path.Combine(keys, "id_ed25519"), "a private key", Token);

        var seen = Lines(await RunAsync(both.Acme, $"""
            echo "uid $(id -u)"; echo "mask $(umask)"
            grep -e CapEff -e NoNewPrivs /proc/self/status | tr -d ':' | tr '\t' ' '
            printf 'fds '; ls /proc/self/fd | tr '\n' ,; echo
            echo "env $(env | cut -d= -f1 | sort | tr '\n' ,)"
            echo "read $(cat /etc/shadow {keys}/id_ed25519 {data}/api-key {data}/pepper {data}/gateway.db {At("key")} 2>/dev/null | wc -c)"
            echo "wrote $(for file in /etc/passwd /usr/bin/env {keys}/x {data}/worker/x; do echo x 2>/dev/null >> $file && echo $file; done | grep -vc {data})"
            echo "processes $(ls /proc | grep -c '^[0-9]')"
            echo "signals $(for id in {both.Gateway.Id} {both.Gateway.RunnerId}; do kill -0 $id 2>/dev/null && echo $id; done | wc -l)"
            echo "traces $(ls /proc/{both.Gateway.RunnerId} 2>/dev/null | wc -l)"
            echo "attached $({Attach} {both.Gateway.Id} {both.Gateway.RunnerId})"
            """));

        Assert.NotEqual("0", seen["uid"]);
        Assert.Equal(("0077", "0000000000000000", "1"), (seen["mask"], seen["CapEff"], seen["NoNewPrivs"]));
        // The third holds the key: this is the CLI, which alone is given it. The fourth is the list's own.
        Assert.Equal("0,1,2,3,4,", seen["fds"]);
        Assert.Equal(
            "API_TIMEOUT_MS,CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR,CLAUDE_CODE_DISABLE_BACKGROUND_TASKS,CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC,CLAUDE_CODE_MAX_RETRIES,CLAUDE_CONFIG_DIR,DISABLE_AUTOUPDATER,GATEWAY_RUN,HOME,LANG,PATH,PWD,TMPDIR,TRACEPARENT,",
            seen["env"]);
        Assert.Equal(("0", "0", "0", "0"), (seen["read"], seen["wrote"], seen["signals"], seen["traces"]));
        Assert.Equal("No such process,No such process,", seen["attached"]);
        // A path that its own folder lies below is there, but is a wall's: what is written beside that folder is nowhere.
        Assert.False(File.Exists(Path.Combine(data, "worker", "x")) || Directory.EnumerateFiles(keys).Count() > 1);
        Assert.InRange(int.Parse(seen["processes"], System.Globalization.CultureInfo.InvariantCulture), 2, 12);
    }

    private static Dictionary<string, string> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(' ', 2)).ToDictionary(pair => pair[0], pair => pair.Length > 1 ? pair[1].Trim() : "");

    private static async Task<string> RunAsync(McpCaller caller, string script)
    {
        var job = await caller.RunAsync(script);
        Assert.True(job.Status == "completed", job.ToString());
        return await ObedientAgent.SaidAsync(caller, job.Id);
    }

    private async Task<TwoTenants> StartAsync()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/bwrap"), "bubblewrap is not to be had here: build/test installs it when it may.");

        // What the host has in its environment no run is to inherit.
        var host = At("host");
        await File.WriteAllTextAsync(host, $"""
            #!/bin/sh
            export HTTP_PROXY=http://10.0.0.1 HTTPS_PROXY=http://10.0.0.1 ALL_PROXY=http://10.0.0.1 NO_PROXY=localhost ANTHROPIC_BASE_URL=http://10.0.0.1 ANTHROPIC_API_KEY=secret-of-the-host
            export NODE_OPTIONS=--no-warnings GIT_SSH_COMMAND=false GITHUB_TOKEN=secret-of-the-host AWS_SECRET_ACCESS_KEY=secret-of-the-host
            exec {BuiltPrograms.Gateway} "$@"

            """.ReplaceLineEndings("\n"), Token);
        File.SetUnixFileMode(host, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var both = await TwoTenants.StartAsync(NextFolder(), WithCli(ObedientAgent.At(At("agent")), ("Worker:Sandbox", "Workspace"), ("Storage:Sqlite:Synchronous", "NORMAL")), program: host);
        Guard(both.Gateway);
        return both;
    }
}
