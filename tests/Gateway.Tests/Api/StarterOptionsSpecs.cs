using Gateway.Api.Mcp.Starters;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>What an operator opens to callers beyond what is safe for all.</summary>
public sealed class StarterOptionsSpecs
{
    [Fact]
    public void Settings_that_open_nothing_or_too_much_are_refused_all_at_once()
    {
        var options = new StarterOptions { ApprovalPolicy = "loose" };
        options.Allow["codex"] = new() { ["configOverrides"] = ["model_providers.x", "tui"], ["sandboxMode"] = ["danger-full-access"] };
        options.Allow["claude"] = new() { ["settings"] = ["x"] };

        var faults = new StarterOptionsValidator().Validate(null, options).Failures!.ToList();

        Assert.Equal(4, faults.Count);
        Assert.Contains(faults, fault => fault.StartsWith("Starters:ApprovalPolicy must be one of strict, balanced, permissive", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("Starters:Allow:codex:sandboxMode opens nothing", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("Starters:Allow:claude:settings opens nothing", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.EndsWith("cannot open model_providers.x: the gateway sets it itself.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_flag_that_is_opened_passes()
    {
        using var open = new Bench(("Starters:Allow:gemini:sandbox:0", "true"));
        (await open.CallAsync("gemini_request_async", """{"prompt":"x","sandbox":true}""")).Succeeds();
        Assert.Contains("\"sandbox\":true", Assert.Single(open.Jobs.Submitted).Agent.Json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"prompt":"x","approvalPolicy":"strict"}""", "balanced", false)]
    [InlineData("""{"prompt":"x","approvalStrategy":"mcp_managed"}""", "balanced", false)]
    [InlineData("""{"prompt":"x","approvalStrategy":"mcp_managed"}""", "strict", true)]
    [InlineData("""{"prompt":"x","approvalStrategy":"mcp_managed","approvalPolicy":"strict"}""", "permissive", true)]
    [InlineData("""{"prompt":"x","approvalStrategy":"mcp_managed","permissionMode":"acceptEdits"}""", "balanced", true)]
    [InlineData("""{"prompt":"x","approvalStrategy":"mcp_managed","permissionMode":"acceptEdits"}""", "permissive", false)]
    [InlineData("""{"prompt":"x","approvalStrategy":"mcp_managed","permissionMode":"bypassPermissions"}""", "permissive", true)]
    [InlineData("""{"prompt":"x","approvalStrategy":"legacy","permissionMode":"bypassPermissions"}""", "strict", false)]
    public async Task A_caller_can_have_a_person_asked_about_its_own_run(string arguments, string standard, bool asks)
    {
        using var bench = new Bench(("Starters:ApprovalPolicy", standard));
        (await bench.CallAsync("claude_request_async", arguments, Bench.MyIdentity(Gateway.Api.Auth.Scopes.BypassPermissions))).Succeeds();
        Assert.Equal(asks, Assert.Single(bench.Jobs.Submitted).CallerAsks);
    }
}
