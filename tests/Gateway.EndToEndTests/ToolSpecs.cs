using System.Text.Json;
using Gateway.EndToEndTests.Behaviours;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>What a client sees of a job from its start to its end.</summary>
public sealed class ToolSpecs(SharedHouse house) : GatewayHouse, IClassFixture<SharedHouse>
{
    private protected override IEnumerable<ProgramProcess> Shared => [house.Gateway];

    private const int MostToolListBytes = 40 * 1024;

    [Fact]
    [Behaviour(1)]
    public async Task The_list_of_tools_is_short_and_every_tool_has_its_four_hints()
    {
        var gateway = house.Gateway;

        var tools = await gateway.Client.ToolsAsync();

        Assert.True(tools.GetRawText().Length <= MostToolListBytes);
        Dictionary<string, string> expected = new()
        {
            ["approval_decide"] = "fttt",
            ["approval_list"] = "tftf",
            ["claude_request"] = "ftft",
            ["claude_request_async"] = "ftft",
            ["cli_versions"] = "tftf",
            ["codex_request"] = "ftft",
            ["codex_request_async"] = "ftft",
            ["gemini_request"] = "ftft",
            ["gemini_request_async"] = "ftft",
            ["list_models"] = "tftf",
            ["llm_job_cancel"] = "fttf",
            ["llm_job_list"] = "tftf",
            ["llm_job_result"] = "tftf",
            ["llm_job_retry"] = "ftft",
            ["llm_job_status"] = "tftf",
            ["llm_process_health"] = "tftf",
            ["llm_request_result"] = "tftf",
            ["session_clear_all"] = "fttf",
            ["session_create"] = "ffff",
            ["session_delete"] = "fttf",
            ["session_get"] = "tftf",
            ["session_list"] = "tftf",
            ["session_set_active"] = "fftf",
            ["workspace_get"] = "tftf",
            ["workspace_list"] = "tftf",
        };
        Assert.Equal(expected, tools.EnumerateArray().ToDictionary(t => t.GetProperty("name").GetString()!, t => Hints(t.GetProperty("annotations"))));
    }

    [Fact]
    public async Task A_job_is_run_again_as_a_new_one_and_both_are_listed()
    {
        var gateway = house.Gateway;
        var job = await gateway.Client.RunAsync("[[fake: exit 3]]", ("labels", new[] { "mine" }));

        var again = (await gateway.Client.CallAsync("llm_job_retry", new { jobId = job.Id, overrides = new { prompt = "[[fake: answer better]]" } })).Good.GetProperty("jobId").GetString()!;

        var end = await gateway.Client.EndAsync(again);
        Assert.Equal(("completed", job.Id), (end.Status, end.Json.GetProperty("retryOf").GetString()));
        var list = (await gateway.Client.CallAsync("llm_job_list", new { label = new[] { "mine" } })).Good.GetProperty("jobs");
        Assert.Equal([again, job.Id], list.EnumerateArray().Select(j => j.GetProperty("id").GetString()));
    }

    private static string Hints(JsonElement annotations) => string.Concat(
        new[] { "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint" }.Select(h => annotations.GetProperty(h).GetBoolean() ? "t" : "f"));
}
