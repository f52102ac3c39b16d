using System.Text.RegularExpressions;
using Gateway.Contracts.Values;
using Gateway.Execution.Providers;
using Gateway.Execution.Providers.Claude;
using Gateway.Execution.Providers.Codex;
using Gateway.Execution.Providers.Gemini;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Execution.Surveys;

/// <summary>What is held against an installed CLI is what runs are started with, and the versions are those that the tests install.</summary>
public sealed partial class DeclaredFlagsSpecs
{
    // Works, and stands in no help.
    private static readonly string[] Hidden = ["--max-turns"];

    [Theory]
    [InlineData("Claude")]
    [InlineData("Codex")]
    [InlineData("Gemini")]
    public void Every_flag_of_a_command_line_is_declared(string provider)
    {
        var source = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "src", "Gateway.Execution", "Providers", provider, $"{provider}CommandLine.cs"));
        var used = FlagPattern().Matches(source).Select(match => match.Groups[1].Value).Except(Hidden).ToList();
        Assert.True(used.Count > 5, "the flags are not found in the source any more");

        Assert.Empty(used.Except(PagesOf(provider).SelectMany(page => page.Flags)));
    }

    [Theory]
    [InlineData("claude", TestedVersions.Claude)]
    [InlineData("codex", TestedVersions.Codex)]
    [InlineData("gemini", TestedVersions.Gemini)]
    public void The_tested_version_is_the_one_that_the_tests_install(string cli, string version) =>
        Assert.Equal(version, File.ReadAllText(Path.Combine(RepositoryFiles.Root, "build", $"{cli}.version")).Trim());

    private static IReadOnlyList<AgentContract.HelpPage> PagesOf(string provider) => provider switch
    {
        "Claude" => ClaudeFlags.Pages,
        "Codex" => CodexFlags.Pages,
        _ => GeminiFlags.Pages,
    };

    [GeneratedRegex("\"(--[a-z][a-z-]+)\"")]
    private static partial Regex FlagPattern();
}
