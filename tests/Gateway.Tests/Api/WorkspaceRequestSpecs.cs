using System.Text.Json;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Policies.Evaluation;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>Workspaces by name, as a caller meets them.</summary>
public sealed class WorkspaceRequestSpecs : IDisposable
{
    private const string Tool = "claude_request_async";

    private readonly Bench bench = new(
        ("Workspaces:Roots:0", "/srv/root"),
        ("Workspaces:Aliases:shop:Path", "/srv/shop"), ("Workspaces:Aliases:shop:AllowWorktree", "true"), ("Workspaces:Aliases:shop:AllowAddDir", "true"), ("Workspaces:Aliases:shop:Pool", "big"),
        ("Workspaces:Aliases:theirs:Path", "/srv/root/theirs"), ("Workspaces:Aliases:theirs:Tenants:0", "other"),
        ("Workspaces:Aliases:forCodex:Path", "/srv/codex"), ("Workspaces:Aliases:forCodex:Providers:0", "codex"));

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData("""{"workspace":"shop"}""", "shop", "", "/srv/shop")]
    [InlineData("""{"workspace":"SHOP"}""", "shop", "", "/srv/shop")]
    [InlineData("""{"workspace":"shop","workingDir":"src/a"}""", "shop", "src/a", "/srv/shop/src/a")]
    [InlineData("""{"workspace":"shop","workingDir":"./src//a/"}""", "shop", "src/a", "/srv/shop/src/a")]
    [InlineData("""{"workspace":"shop","workingDir":"/srv/shop/x"}""", "shop", "x", "/srv/shop/x")]
    [InlineData("""{"workingDir":"/srv/shop/x"}""", "shop", "x", "/srv/shop/x")]
    [InlineData("""{"workingDir":"/srv/root/x"}""", null, "/srv/root/x", "/srv/root/x")]
    public async Task A_directory_goes_to_the_worker_by_the_name_of_its_workspace(string arguments, string? workspace, string path, string directory)
    {
        var reply = (await CallAsync(arguments)).Succeeds();

        var request = bench.Jobs.LastSubmitted;
        Assert.Equal((workspace, directory, workspace is null ? "default" : "big"), (request.Workspace, request.WorkingDirectory, request.Pool));
        Assert.Equal(new RunPlace { Workspace = workspace, Path = path }, request.Places?.Work);
        Assert.Equal(workspace is not null, reply.Record.GetProperty("job").TryGetProperty("workspace", out var seen) && seen.GetString() == workspace);
    }

    [Theory]
    [InlineData("""{"workspace":"shop","workingDir":"../x"}""", "without ..")]
    [InlineData("""{"workspace":"shop","workingDir":"a/.ssh"}""", "no part .ssh")]
    [InlineData("""{"workspace":"shop","workingDir":"~/x"}""", "relative to the workspace")]
    [InlineData("""{"workspace":"shop","workingDir":"C:\\x"}""", "relative to the workspace")]
    [InlineData("""{"workspace":"shop","workingDir":"/srv/shopping"}""", "inside the named workspace")]
    [InlineData("""{"workspace":"shop","workingDir":"/srv/root/x"}""", "inside the named workspace")]
    [InlineData("""{"workspace":"shop","workingDir":"/srv/root/theirs"}""", "inside the workspace shop")]
    [InlineData("""{"workingDir":"/srv/root/theirs/x"}""", "registered root")]
    [InlineData("""{"workingDir":"/srv/codex"}""", "registered root")]
    [InlineData("""{"workingDir":"src"}""", "registered root")]
    public async Task A_directory_that_is_not_the_callers_to_name_is_refused(string arguments, string limit)
    {
        var fault = Assert.Single((await CallAsync(arguments)).Faults);

        Assert.Equal("workingDir", fault.Field);
        Assert.Contains(limit, fault.Limit, StringComparison.Ordinal);
        Assert.Empty(bench.Jobs.Submitted);
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("theirs")]
    [InlineData("forCodex")]
    public async Task A_workspace_that_is_not_open_is_answered_like_one_that_does_not_exist(string name)
    {
        var reply = await CallAsync($$"""{"workspace":"{{name}}"}""");

        Assert.Equal("not_found", reply.Kind);
        Assert.Equal($"Workspace not found: {name}. workspace_list shows those open to you.", reply.Error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task The_default_of_the_tenant_is_meant_where_nothing_is_named()
    {
        using var other = new Bench(("Workspaces:Aliases:mine:Path", "/srv/mine"), ("Workspaces:Aliases:mine:Default", "true"), ("Workspaces:Aliases:mine:Tenants:0", "default"));
        (await other.CallAsync(Tool, """{"prompt":"x"}""")).Succeeds();
        Assert.Equal(("mine", "/srv/mine"), (other.Jobs.LastSubmitted.Workspace, other.Jobs.LastSubmitted.WorkingDirectory));
        (await other.CallAsync(Tool, """{"prompt":"x","workingDir":"src"}""")).Succeeds();
        Assert.Equal("/srv/mine/src", other.Jobs.LastSubmitted.WorkingDirectory);

        (await other.CallAsync(Tool, """{"prompt":"x"}""", Bench.IdentityOf(new Caller("foreign", "g"), Gateway.Api.Auth.Scopes.OfEmbeddedKey))).Succeeds();
        Assert.Null(other.Jobs.LastSubmitted.WorkingDirectory);
    }

    [Fact]
    public async Task The_lists_show_what_is_open_and_never_where_it_is()
    {
        bench.Jobs.Seen =
        [
            new("w1", "big", DateTimeOffset.UnixEpoch, new WorkspaceReport { Alias = "shop", Kind = "git", Branch = "old", Dirty = true }),
            new("w2", "big", DateTimeOffset.UnixEpoch.AddSeconds(1), new WorkspaceReport { Alias = "shop", Kind = "git", Branch = "main", Dirty = false }),
            new("w3", "default", DateTimeOffset.UnixEpoch.AddSeconds(2), new WorkspaceReport { Alias = "shop", Kind = "folder" }),
        ];

        var list = (await bench.CallAsync("workspace_list", "{}")).Succeeds();
        Assert.Equal(
            """{"success":true,"enabled":true,"workspaces":[{"alias":"forCodex","kind":"folder","providers":["codex"],"allow_worktree":false,"allow_add_dir":false},{"alias":"shop","kind":"git","providers":["claude","codex","gemini"],"allow_worktree":true,"allow_add_dir":true,"branch":"main","dirty":false}],"allowed_roots":[{"alias":"root1"}]}""",
            list.Record.GetRawText());
        var one = (await bench.CallAsync("workspace_get", """{"alias":"shop"}""")).Succeeds();
        Assert.Equal("""["w1","w2"]""", one.Record.GetProperty("workspace").GetProperty("workers").GetRawText());
        Assert.All((string[])[list.Record.GetRawText(), list.Text, one.Record.GetRawText(), one.Text], text => Assert.DoesNotContain("/srv", text, StringComparison.Ordinal));
        Assert.Equal("not_found", (await bench.CallAsync("workspace_get", """{"alias":"theirs"}""")).Kind);
    }

    [Fact]
    public async Task Without_any_the_list_says_that_jobs_get_folders_of_their_own()
    {
        using var none = new Bench();
        var list = (await none.CallAsync("workspace_list", "{}")).Succeeds();
        Assert.False(list.Record.GetProperty("enabled").GetBoolean());
        Assert.Contains("private empty folder", list.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", null, null)]
    [InlineData("{}", null, null)]
    [InlineData("""{"name":"fix-1","ref":"origin/main~2"}""", "fix-1", "origin/main~2")]
    public async Task A_worktree_is_asked_for_by_true_or_by_name_and_ref(string worktree, string? name, string? reference)
    {
        (await CallAsync($$"""{"workspace":"shop","permissionMode":"acceptEdits","worktree":{{worktree}}}""")).Succeeds();

        var request = bench.Jobs.LastSubmitted;
        Assert.Equal(new RunWorktree { Name = name, Ref = reference }, request.Places?.Worktree);
        Assert.Empty(request.Turns);
        (await CallAsync("""{"workspace":"shop","permissionMode":"acceptEdits","worktree":false}""")).Succeeds();
        Assert.Null(bench.Jobs.LastSubmitted.Places?.Worktree);
        Assert.Single(bench.Jobs.LastSubmitted.Turns);
    }

    [Theory]
    [InlineData("shop", """{"name":"-x"}""", "worktree.name")]
    [InlineData("shop", """{"name":"../x"}""", "worktree.name")]
    [InlineData("shop", """{"name":"a..b"}""", "worktree.name")]
    [InlineData("shop", """{"name":"a.lock"}""", "worktree.name")]
    [InlineData("shop", """{"name":""}""", "worktree.name")]
    [InlineData("shop", """{"name":5}""", "worktree.name")]
    [InlineData("shop", """{"ref":"--upload-pack=touch /tmp/x"}""", "worktree.ref")]
    [InlineData("shop", """{"ref":"-x"}""", "worktree.ref")]
    [InlineData("shop", """{"ref":"HEAD:file"}""", "worktree.ref")]
    [InlineData("shop", """{"ref":"a..b"}""", "worktree.ref")]
    [InlineData("shop", """{"ref":"a b"}""", "worktree.ref")]
    [InlineData("shop", """{"branch":"x"}""", "worktree.branch")]
    [InlineData("shop", "\"yes\"", "worktree")]
    [InlineData(null, "true", "worktree")]
    public async Task A_worktree_that_git_or_the_operator_does_not_take_is_refused(string? workspace, string worktree, string field)
    {
        var reply = await CallAsync(workspace is null ? $$"""{"worktree":{{worktree}}}""" : $$"""{"workspace":"{{workspace}}","worktree":{{worktree}}}""");

        Assert.Equal(field, Assert.Single(reply.Faults).Field);
    }

    [Fact]
    public async Task Further_directories_need_a_workspace_that_allows_them_and_are_named_like_the_first()
    {
        (await CallAsync("""{"workspace":"shop","addDir":["lib","/srv/root/x","/srv/shop/lib/"]}""")).Succeeds();
        Assert.Equal([new RunPlace { Workspace = "shop", Path = "lib" }, new RunPlace { Path = "/srv/root/x" }], bench.Jobs.LastSubmitted.Places?.AddDirs);

        Assert.Equal("addDir", Assert.Single((await CallAsync("""{"workingDir":"/srv/root","addDir":["/srv/root/x"]}""")).Faults).Field);
        Assert.Equal("addDir[1]", Assert.Single((await CallAsync("""{"workspace":"shop","addDir":["lib","/etc"]}""")).Faults).Field);
    }

    [Fact]
    public async Task Images_of_Codex_go_by_the_names_of_their_workspace()
    {
        (await bench.CallAsync("codex_request_async", """{"prompt":"x","workspace":"shop","images":["a.png"]}""")).Succeeds();
        Assert.Equal([new RunPlace { Workspace = "shop", Path = "a.png" }], bench.Jobs.LastSubmitted.Places?.Images);
    }

    [Theory]
    [InlineData("""{"workspace":"shop"}""", true)]
    [InlineData("""{"workspace":"shop","workingDir":"/srv/shop/src"}""", true)]
    [InlineData("""{"workspace":"shop","workingDir":"src"}""", false)]
    [InlineData("""{"workspace":"shop","addDir":["/srv/shop/lib"]}""", true)]
    [InlineData("""{"workspace":"shop","addDir":["lib"]}""", false)]
    [InlineData("""{"workspace":"shop","addDir":["/srv/root"]}""", false)]
    [InlineData("""{"workingDir":"/srv/root"}""", false)]
    [InlineData("{}", false)]
    public async Task A_policy_sees_the_absolute_directory_behind_a_name_and_takes_no_relative_one(string arguments, bool passes)
    {
        var policy = TestPolicies.Of("""{"version":"1","default":"allow","tools":{"claude_request_async":{"require":[{"path":"args.workingDir","op":"under","value":"/srv/shop"}],"deny_if":[{"path":"args.addDir","op":"not_under","value":"/srv/shop"}]}}}""", bench.Tool(Tool).Card.ToFacts());
        var identity = Bench.IdentityOf(new Gateway.Policies.Grants.PolicyGrant("local", "default", "local", policy), Gateway.Api.Auth.Scopes.OfEmbeddedKey);
        var reply = await CallAsync(arguments, identity);

        Assert.Equal(passes, reply.Result.IsError != true);
        Assert.True(passes || reply.Kind == RefusalKinds.PolicyDenied);
    }

    [Fact]
    public async Task The_result_tells_what_changed_and_shows_the_diff_within_its_budget()
    {
        var id = bench.Jobs.Add(Bench.Me, "completed", entry => entry.Worktree = new WorktreeChange
        {
            Name = "n", Branch = "gateway/n", BaseCommit = new string('a', 40), ChangedFiles = 2, Insertions = 3, Deletions = 1,
        });
        bench.Jobs.Bytes.Streams[(id, 1, OutputStream.Diff)] = [.. Enumerable.Repeat((byte)'d', 3_000)];
        var job = JobIdText.Format(id);

        var plain = (await bench.CallAsync("llm_job_result", $$"""{"jobId":"{{job}}"}""")).Succeeds().Record.GetProperty("worktree");
        Assert.Equal($$"""{"name":"n","branch":"gateway/n","baseCommit":"{{new string('a', 40)}}","changedFiles":2,"insertions":3,"deletions":1,"diffBytes":3000}""", plain.GetRawText());
        var cut = (await bench.CallAsync("llm_job_result", $$"""{"jobId":"{{job}}","includeDiff":true,"maxChars":1000}""")).Succeeds().Record.GetProperty("worktree");
        Assert.Equal((1000, true), (cut.GetProperty("diff").GetString()!.Length, cut.GetProperty("diffTruncated").GetBoolean()));
        var whole = (await bench.CallAsync("llm_job_result", $$"""{"jobId":"{{job}}","includeDiff":true}""")).Succeeds().Record.GetProperty("worktree");
        Assert.Equal((3000, false), (whole.GetProperty("diff").GetString()!.Length, whole.GetProperty("diffTruncated").GetBoolean()));
    }

    [Fact]
    public async Task Jobs_are_found_by_the_name_of_their_workspace()
    {
        (await bench.CallAsync("llm_job_list", """{"workspace":"shop"}""")).Succeeds();
        Assert.Equal("shop", bench.Jobs.LastFilter?.Workspace);
    }

    private Task<Bench.Reply> CallAsync(string arguments, Gateway.Api.Auth.Identity? identity = null)
    {
        var all = JsonElement.Parse(arguments).EnumerateObject().ToDictionary(m => m.Name, m => m.Value);
        all["prompt"] = JsonElement.Parse("\"x\"");
        return bench.CallAsync(Tool, JsonSerializer.Serialize(all), identity);
    }
}
