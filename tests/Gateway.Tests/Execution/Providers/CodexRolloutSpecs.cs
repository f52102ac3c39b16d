using System.Text;
using Gateway.Execution.Providers;
using Gateway.Execution.Providers.Codex;
using Xunit;

namespace Gateway.Tests.Execution.Providers;

public sealed class CodexRolloutSpecs : IDisposable
{
    private const string Meta = """{"timestamp":"t","ordinal":0,"type":"session_meta","payload":{"id":"x","source":"exec","thread_source":"user"}}""" + "\n";
    private const string OfSubAgent = """{"timestamp":"t","ordinal":0,"type":"session_meta","payload":{"id":"x","source":{"subagent":"y"}}}""" + "\n";
    private const string Prompt = """{"type":"event_msg","payload":{"type":"item_completed","item":{"type":"UserMessage"}}}""" + "\n";

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("gwc");

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public void The_newest_conversation_of_exec_is_found_and_no_sub_agents()
    {
        Assert.Null(CodexRollout.FindNewest(_home.FullName));
        Write("2026/11/28", "2026-11-28T10-00-00", Guid.NewGuid(), Meta);
        var id = Guid.NewGuid();
        var newest = Write("2026/11/29", "2026-11-29T09-00-00", id, Meta + Prompt);
        Write("2026/11/29", "2026-11-29T09-00-05", Guid.NewGuid(), OfSubAgent + Prompt);
        Assert.Equal(newest, CodexRollout.FindNewest(_home.FullName));
        Assert.Equal(id, CodexRollout.IdOf(newest));
    }

    [Fact]
    public void A_link_that_an_agent_put_there_is_not_followed()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_home.FullName, "sessions/2026/11/29")).FullName;
        var elsewhere = Path.Combine(_home.FullName, "elsewhere");
        File.WriteAllText(elsewhere, Meta + Prompt);
        File.CreateSymbolicLink(Path.Combine(folder, $"rollout-2026-11-29T09-00-00-{Guid.NewGuid():d}.jsonl"), elsewhere);
        Assert.Null(CodexRollout.FindNewest(_home.FullName));
    }

    [Theory]
    [InlineData("rollout-2026-11-28T19-05-12-01a2238c-13d1-7281-8115-55b2bc2ef876.jsonl", true)]
    [InlineData("rollout-2026-11-28T19-05-12-01a2238c-13d1-7281-8115-55b2bc2ef87.jsonl", false)]
    [InlineData("rollout-2026-11-28T19-05-12--m-a2238c-13d1-7281-8115-55b2bc2ef876.jsonl", false)]
    [InlineData("rollout-01a2238c-13d1-7281-8115-55b2bc2ef876.jsonl", false)]
    public void Only_an_id_in_the_name_is_taken_for_one(string name, bool isId) => Assert.Equal(isId, CodexRollout.IdOf("/x/" + name) is not null);

    [Fact]
    public void Without_a_prompt_there_is_nothing_to_go_on_with()
    {
        Assert.False(CodexRollout.HasPrompt(Write("2026/11/28", "2026-11-28T10-00-00", Guid.NewGuid(), Meta)));
        Assert.True(CodexRollout.HasPrompt(Write("2026/11/28", "2026-11-28T10-00-01", Guid.NewGuid(), Meta + Prompt)));
        Assert.False(CodexRollout.HasPrompt("/nowhere"));
    }

    [Fact]
    public void The_last_count_of_tokens_is_read_though_the_last_line_is_cut()
    {
        var path = Write("2026/11/28", "2026-11-28T10-00-00", Guid.NewGuid(), Meta + Count(1000) + Count(2000) + Prompt + """{"type":"event_msg","payload":{"type":"token_count","info":{"total_to""");
        Assert.Equal(new ConversationTokens(2000, 5, 7, 0), CodexRollout.LastTokens(path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n\n")]
    [InlineData("\"token_count\"\n")]
    [InlineData("{\"payload\":{\"type\":\"token_count\",\"info\":null}}\n")]
    public void A_conversation_without_a_count_has_none(string text) =>
        Assert.Null(CodexRollout.LastTokens(Write("2026/11/28", "2026-11-28T10-00-00", Guid.NewGuid(), text)));

    private static string Count(int input) =>
        $$"""{"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":{{input}},"cached_input_tokens":7,"output_tokens":5 """ + "}}}}\n";

    private string Write(string day, string time, Guid id, string text)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_home.FullName, "sessions", day)).FullName;
        var path = Path.Combine(folder, $"rollout-{time}-{id:d}.jsonl");
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }
}
