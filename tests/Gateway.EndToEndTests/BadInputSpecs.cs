using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.EndToEndTests.Behaviours;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>Wrong calls get the one error shape, all faults at once, and leave nothing behind.</summary>
public sealed class BadInputSpecs(SharedHouse house) : GatewayHouse, IClassFixture<SharedHouse>
{
    private protected override IEnumerable<ProgramProcess> Shared => [house.Gateway];

    private const int MostPromptChars = 1_000_000;

    public static TheoryData<string, string[]> WrongStarts => new()
    {
        { """{}""", ["prompt"] },
        { """{"prompt":""}""", ["prompt"] },
        { """{"prompt":null}""", ["prompt"] },
        { """{"prompt":"hi","promptParts":{"task":"hi"}}""", ["promptParts"] },
        { """{"prompt":5}""", ["prompt"] },
        { """{"prompt":["a"]}""", ["prompt"] },
        { """{"prompt":"a\u0000b"}""", ["prompt"] },
        { """{"prompt":"hi","model":"--danger"}""", ["model"] },
        { """{"prompt":"hi","allowedTools":["--x"]}""", ["allowedTools[0]"] },
        { """{"prompt":"hi","disallowedTools":["-rf"]}""", ["disallowedTools[0]"] },
        { """{"prompt":"hi","allowedTools":"Bash"}""", ["allowedTools"] },
        { """{"prompt":"hi","maxTurns":"5"}""", ["maxTurns"] },
        { """{"prompt":"hi","maxTurns":0}""", ["maxTurns"] },
        { """{"prompt":"hi","maxTurns":1.5}""", ["maxTurns"] },
        { """{"prompt":"hi","maxBudgetUsd":-1}""", ["maxBudgetUsd"] },
        { """{"prompt":"hi","timeoutMs":999}""", ["timeoutMs"] },
        { """{"prompt":"hi","idleTimeoutMs":29999}""", ["idleTimeoutMs"] },
        { """{"prompt":"hi","maxAttempts":11}""", ["maxAttempts"] },
        { """{"prompt":"hi","permissionMode":"yolo"}""", ["permissionMode"] },
        { """{"prompt":"hi","effort":"huge"}""", ["effort"] },
        { """{"prompt":"hi","labels":["a b"]}""", ["labels[0]"] },
        { """{"prompt":"hi","workingDir":"../x"}""", ["workingDir"] },
        { """{"prompt":"hi","workingDir":"/etc"}""", ["workingDir"] },
        { """{"prompt":"hi","jsonSchema":"not json"}""", ["jsonSchema"] },
        { """{"prompt":"hi","jsonSchema":[1]}""", ["jsonSchema"] },
        { """{"prompt":"hi","promt":"typo"}""", ["promt"] },
        { """{"prompt":"hi","continueSession":true,"createNewSession":true}""", ["continueSession"] },
        { """{"prompt":"hi","addDir":["/tmp"]}""", ["addDir[0]"] },
        { """{"prompt":"","maxTurns":0,"permissionMode":"yolo","allowedTools":["--x"],"nope":1}""", ["prompt", "maxTurns", "permissionMode", "allowedTools[0]", "nope"] },
    };

    [Fact]
    [Behaviour(8)]
    [Behaviour(10)]
    [Behaviour(12)]
    public async Task Every_wrong_start_names_all_its_faults_and_leaves_no_row()
    {
        var gateway = house.Gateway;
        await Wait.UntilAsync(() => gateway.Store.Count("Outbox") == 0, "nothing of an earlier job is under way");
        var before = (gateway.Store.Rows(), gateway.Store.Count("Jobs"));
        List<string> wrong = [];
        foreach (var (arguments, fields) in WrongStarts.Select(row => (row.Data.Item1, row.Data.Item2)))
        {
            var reply = await gateway.Client.CallRawAsync("claude_request_async", arguments);
            var error = reply.Error;
            var named = error.TryGetProperty("faults", out var faults) ? faults.EnumerateArray().Select(Named).ToList() : [];
            if (reply.ErrorKind != "invalid_input" || error.GetProperty("retryable").GetBoolean() || !named.Order(StringComparer.Ordinal).SequenceEqual(fields.Order(StringComparer.Ordinal)))
            {
                wrong.Add($"{arguments}: {error.GetRawText()}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(before, (gateway.Store.Rows(), gateway.Store.Count("Jobs")));
        Assert.Empty(ProcessTable.RunsBelow(gateway.Data));
    }

    [Fact]
    [Behaviour(8)]
    [Behaviour(11)]
    public async Task A_prompt_of_the_longest_length_arrives_whole_and_one_more_character_is_refused()
    {
        var gateway = house.Gateway;
        const string directive = "[[fake: dump]]";
        var before = gateway.Store.Count("Jobs");

        var refused = await gateway.Client.CallAsync("claude_request_async", new { prompt = new string('日', MostPromptChars + 1) });
        Assert.Equal("invalid_input", refused.ErrorKind);
        Assert.Contains("1..1000000", refused.Text, StringComparison.Ordinal);
        Assert.Equal(before, gateway.Store.Count("Jobs"));

        var longest = new string('日', MostPromptChars);
        var echo = (await gateway.Client.CallAsync("llm_job_result", new { jobId = (await gateway.Client.RunAsync(longest)).Id, maxChars = 2_000_000 })).Good.GetProperty("parsed").GetProperty("text").GetString();
        Assert.True(echo == "You said: " + longest, $"{echo!.Length} characters came back");

        // Around what an argument of a program may have, and beyond what a pipe holds.
        foreach (var size in (int[])[131_071, 131_072, 131_073, MostPromptChars])
        {
            var prompt = new string('x', size - directive.Length) + directive;
            var whole = JsonElement.Parse(await gateway.Client.AnswerAsync((await gateway.Client.RunAsync(prompt)).Id));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(prompt))), whole.GetProperty("promptSha256").GetString());
        }
    }

    [Fact]
    [Behaviour(9)]
    public async Task No_prompt_changes_what_is_started_and_each_arrives_byte_for_byte()
    {
        // Each start leaves a line: its arguments, without the conversation's id, which each job has of its own.
        var starts = At("starts");
        var recorder = At("recorder");
        await File.WriteAllTextAsync(recorder, $$"""
            #!/bin/sh
            for argument; do printf '%s|' "$argument"; done | sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/' >> {{starts}}
            echo >> {{starts}}
            exec {{BuiltPrograms.FakeAgent}} "$@"

            """.ReplaceLineEndings("\n"), Token);
        File.SetUnixFileMode(recorder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var gateway = await StartWithAsync(recorder, ("Worker:Sandbox", "Process"), ("Worker:Slots", "1"));

        foreach (var prompt in HostilePrompts.All)
        {
            var job = await gateway.Client.RunAsync(prompt);
            Assert.True(job.Status == "completed", $"{prompt}: {job}");
            Assert.Equal("You said: " + HostilePrompts.AsSent(prompt), await gateway.Client.AnswerAsync(job.Id));
        }

        var lines = Wait.LinesOf(starts);
        Assert.Equal(HostilePrompts.All.Count, lines.Length);
        Assert.EndsWith("|--session-id|ID|", Assert.Single(lines.Distinct()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Process")]
    [InlineData("None")]
    public async Task No_process_of_a_run_is_a_shell_that_knows_the_prompt(string sandbox)
    {
        var gateway = await StartAsync(("Worker:Sandbox", sandbox));
        var job = await gateway.Client.SubmitAsync($"$(canary7f3a) `canary7f3a` ; canary7f3a [[fake: log {At("log")}; hang]]");
        await Wait.LinesAsync(At("log"), 1);

        // Behind walls a shell of ours, always the same, stands before the agent; without walls there is none.
        var processes = ProcessTable.Of(PublicId.Read(job.Id));
        Assert.Contains(processes, process => process.Contains(BuiltPrograms.FakeAgent, StringComparison.Ordinal));
        Assert.All(processes, process => Assert.DoesNotContain("canary7f3a", process, StringComparison.Ordinal));
        Assert.True(sandbox == "Process" || processes.Count == 1, string.Join('\n', processes));
        await gateway.Client.CancelAsync(job.Id);
        await gateway.Client.EndAsync(job.Id);
    }

    [Fact]
    [Behaviour(7)]
    public async Task An_unknown_job_is_not_found_in_one_shape_whatever_is_asked_of_it()
    {
        foreach (var jobId in (string[])["job_aaaaaaaaaaaaaaaaaaaaaaaaaa", "nonsense", "' OR 1=1 --", "../../etc/passwd"])
        {
            var status = await house.Gateway.Client.CallAsync("llm_job_status", new { jobId });
            Assert.Equal("not_found", status.ErrorKind);
            var message = status.Error.GetProperty("message").GetString()!;
            Assert.StartsWith("Job not found: ", message, StringComparison.Ordinal);
            Assert.EndsWith(". llm_job_list shows your jobs.", message, StringComparison.Ordinal);
            foreach (var tool in (string[])["llm_job_result", "llm_job_cancel", "llm_job_retry"])
            {
                Assert.Equal(status.Result.GetRawText(), (await house.Gateway.Client.CallAsync(tool, new { jobId })).Result.GetRawText());
            }
        }

        foreach (var tool in (string[])["llm_job_status", "llm_job_result", "llm_job_cancel", "llm_job_retry"])
        {
            Assert.Equal("invalid_input", (await house.Gateway.Client.CallAsync(tool, new { })).ErrorKind);
            Assert.Equal("invalid_input", (await house.Gateway.Client.CallAsync(tool, new { jobId = new string('a', 129) })).ErrorKind);
        }
    }

    [Fact]
    public async Task A_key_used_again_gives_the_same_job_and_with_other_arguments_a_conflict()
    {
        var gateway = house.Gateway;
        var before = gateway.Store.Count("Jobs");
        var first = await gateway.Client.SubmitAsync($"[[fake: effect {At("effects")}; answer one]]", ("idempotencyKey", "k1"));
        var again = await gateway.Client.SubmitAsync($"[[fake: effect {At("effects")}; answer one]]", ("idempotencyKey", "k1"));
        var other = await gateway.Client.CallAsync("claude_request_async", new { prompt = "something else", idempotencyKey = "k1" });

        Assert.Equal(first.Id, again.Id);
        Assert.True(again.Json.GetProperty("deduped").GetBoolean());
        Assert.Equal("conflict", other.ErrorKind);
        Assert.Contains(first.Id, other.Text, StringComparison.Ordinal);
        Assert.Equal("completed", (await gateway.Client.EndAsync(first.Id)).Status);
        Assert.Single(Wait.LinesOf(At("effects")));
        Assert.Equal(before + 1, gateway.Store.Count("Jobs"));
    }

    [Fact]
    [Behaviour(13)]
    public async Task A_mode_that_is_named_wins_over_the_skipping_of_permissions_and_a_warning_says_so()
    {
        var started = (await house.Gateway.Client.CallAsync("claude_request_async", new { prompt = "[[fake: dump]]", dangerouslySkipPermissions = true, permissionMode = "plan" })).Good;

        var warning = Assert.Single(started.GetProperty("warnings").EnumerateArray());
        Assert.Equal("argument_ignored", warning.GetProperty("code").GetString());
        Assert.Contains("dangerouslySkipPermissions", warning.GetProperty("message").GetString(), StringComparison.Ordinal);
        var job = await house.Gateway.Client.EndAsync(started.GetProperty("jobId").GetString()!);
        var argv = JsonElement.Parse(await house.Gateway.Client.AnswerAsync(job.Id)).GetProperty("argv").EnumerateArray().Select(argument => argument.GetString()!).ToList();
        Assert.Equal("plan", argv[argv.IndexOf("--permission-mode") + 1]);
        Assert.DoesNotContain(argv, argument => argument.Contains("dangerously", StringComparison.Ordinal) || argument.Contains("bypass", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_permission_bypass_without_its_scope_is_forbidden_and_names_it()
    {
        var gateway = house.Gateway;
        var before = gateway.Store.Count("Jobs");

        var refused = await gateway.Client.CallAsync("claude_request_async", new { prompt = "hi", permissionMode = "bypassPermissions" });

        Assert.Equal("forbidden", refused.ErrorKind);
        Assert.Contains("bypass:permissions", refused.Text, StringComparison.Ordinal);
        Assert.Equal(before, gateway.Store.Count("Jobs"));
    }

    [Fact]
    [Behaviour(37)]
    public async Task A_store_that_cannot_be_reached_accepts_nothing_and_says_when_to_ask_again()
    {
        var gateway = house.Gateway;
        Assert.Equal("completed", (await gateway.Client.RunAsync("hello")).Status);
        var before = gateway.Store.Count("Jobs");
        using (var hold = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(gateway.Data, "gateway.db")};Pooling=False"))
        {
            hold.Open();
            using var begin = hold.CreateCommand();
            begin.CommandText = "BEGIN IMMEDIATE";
            begin.ExecuteNonQuery();

            var reply = await gateway.Client.CallAsync("claude_request_async", new { prompt = "hi" });

            Assert.Equal("policy_unavailable", reply.ErrorKind);
            Assert.True(reply.Error.GetProperty("retryable").GetBoolean());
            Assert.True(reply.Error.GetProperty("retryAfterSeconds").GetInt32() >= 1);
        }

        Assert.Equal(before, gateway.Store.Count("Jobs"));
        Assert.Equal("completed", (await gateway.Client.RunAsync("hello")).Status);
        Assert.Equal(before + 1, gateway.Store.Count("Jobs"));
    }

    private static string Named(JsonElement fault)
    {
        foreach (var member in (string[])["value", "limit", "remedy"])
        {
            Assert.True(fault.GetProperty(member).GetString() is not null);
        }

        return fault.GetProperty("field").GetString()!;
    }
}
