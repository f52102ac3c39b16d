using System.Text.Json;
using Gateway.Api.Mcp.Catalogue;
using Gateway.Contracts.Values;
using Gateway.Jobs.Reading;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>Models and versions: what is known without asking anybody, and what workers told last.</summary>
public sealed class CatalogueToolSpecs : IDisposable
{
    private static readonly DateTimeOffset Heard = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    private readonly Bench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task List_models_has_a_member_for_each_cli_or_for_the_one_that_was_asked_about()
    {
        var all = (await bench.CallAsync("list_models", "{}")).Succeeds().Record;
        var one = (await bench.CallAsync("list_models", """{"cli":"claude"}""")).Succeeds();

        Assert.Equal(["success", "claude", "codex", "gemini"], all.EnumerateObject().Select(m => m.Name));
        Assert.Equal(["success", "claude"], one.Record.EnumerateObject().Select(m => m.Name));
        Assert.Equal("opus", one.Record.GetProperty("claude").GetProperty("aliases").GetProperty("latest").GetString());
        Assert.StartsWith("claude: ", one.Text, StringComparison.Ordinal);
        Assert.Contains("Models:codex", all.GetProperty("codex").GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("invalid_input", (await bench.CallAsync("list_models", """{"cli":"grok"}""")).Kind);
    }

    [Fact]
    public async Task A_starter_takes_an_alias_for_the_model_that_it_stands_for_and_passes_other_names_on()
    {
        (await bench.CallAsync("claude_request_async", """{"prompt":"x","model":"latest"}""")).Succeeds();
        (await bench.CallAsync("claude_request_async", """{"prompt":"x","model":"nobody-knows-it"}""")).Succeeds();
        (await bench.CallAsync("codex_request_async", """{"prompt":"x","model":"latest"}""")).Succeeds();

        Assert.Equal(["opus", "nobody-knows-it", "latest"], bench.Jobs.Submitted.Select(request => request.Agent.Model));
        Assert.Contains("\"model\":\"latest\"", bench.Jobs.Submitted.First().ArgumentsJson, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_adds_models_and_takes_built_in_ones_away()
    {
        var options = new ModelsOptions { ["claude"] = new ModelsOptions.OfCli { Default = "house-model" } };
        options["claude"].Names["house-model"] = "ours";
        options["claude"].Names["haiku"] = "";
        options["claude"].Aliases["best"] = "house-model";
        options["claude"].Aliases["latest"] = "";

        var models = new ModelCatalogue(Options.Create(options)).Of("claude");

        Assert.Equal(("house-model", "ours"), (models.DefaultModel, models.Models["house-model"]));
        Assert.False(models.Models.ContainsKey("haiku"));
        Assert.Equal(KeyValuePair.Create("best", "house-model"), Assert.Single(models.Aliases));
    }

    [Fact]
    public void Settings_of_models_are_refused_with_every_fault_at_once()
    {
        var options = new ModelsOptions { ["grok"] = new ModelsOptions.OfCli(), ["claude"] = new ModelsOptions.OfCli { Default = "--x" } };
        options["claude"].Names["a b"] = "";
        options["claude"].Names["ok"] = new string('n', 201);
        options["claude"].Aliases["a"] = "b";
        options["claude"].Aliases["b"] = "c";

        var faults = new ModelsOptionsValidator().Validate(null, options).Failures!.ToList();

        Assert.Equal(5, faults.Count);
        Assert.Contains(faults, fault => fault.StartsWith("Models:grok is no CLI", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("Models:claude:Aliases:a stands for another alias", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cli_versions_tells_what_workers_have_against_what_was_tested()
    {
        bench.Jobs.Clis.Add(new SeenCli("w2", Heard, new CliReport { Cli = "claude", Version = TestedVersions.Claude, Login = CliLogins.Configured }));
        bench.Jobs.Clis.Add(new SeenCli("w1", Heard.AddSeconds(-5), new CliReport { Cli = "claude", Version = "2.1.331", MissingFlags = ["--effort"] }));
        bench.Jobs.Clis.Add(new SeenCli("w1", Heard.AddSeconds(-5), new CliReport { Cli = "codex", Error = "The codex CLI is not installed on this worker.", Login = CliLogins.Missing, LoginGuidance = "Add it." }));

        var versions = (await bench.CallAsync("cli_versions", "{}")).Succeeds().Record.GetProperty("versions");

        var claude = versions[0];
        Assert.Equal(("claude", true, "2.1.330", "none", "configured"), (Text(claude, "cli"), claude.GetProperty("installed").GetBoolean(), Text(claude, "version"), Text(claude, "drift"), Text(claude, "loginStatus")));
        Assert.Equal(["w1 2.1.331", "w2 2.1.330"], claude.GetProperty("workers").EnumerateArray().Select(w => $"{Text(w, "worker")} {Text(w, "version")}"));
        Assert.Equal("--effort", claude.GetProperty("missingFlags")[0].GetString());
        var codex = versions[1];
        Assert.Equal((false, "unknown", "missing", "Add it."), (codex.GetProperty("installed").GetBoolean(), Text(codex, "drift"), Text(codex, "loginStatus"), Text(codex, "loginGuidance")));
        Assert.Equal("No worker has told yet; ask again in a minute.", Text(versions[2], "error"));
    }

    [Theory]
    [InlineData("2.1.330", "none")]
    [InlineData("2.1.331", "newer")]
    [InlineData("2.10.0", "newer")]
    [InlineData("2.1.4", "older")]
    [InlineData("2.1.330-beta.1", "unknown")]
    [InlineData("nightly", "unknown")]
    [InlineData(null, "unknown")]
    public void Drift_is_a_word(string? installed, string word) => Assert.Equal(word, CliDrift.Word(installed, "2.1.330"));

    [Fact]
    public async Task Health_names_flags_that_an_installed_cli_does_not_know_any_more()
    {
        Assert.False((await bench.CallAsync("llm_process_health", "{}")).Record.TryGetProperty("drift", out _));
        bench.Jobs.Clis.Add(new SeenCli("w1", Heard, new CliReport { Cli = "gemini", Version = "1.0.0", MissingFlags = ["--skip-trust"] }));

        var drift = (await bench.CallAsync("llm_process_health", "{}")).Record.GetProperty("drift")[0];

        Assert.Equal(("gemini", "1.0.0", "--skip-trust"), (Text(drift, "cli"), Text(drift, "version"), drift.GetProperty("missingFlags")[0].GetString()));
    }

    private static string? Text(JsonElement record, string name) => record.TryGetProperty(name, out var value) ? value.GetString() : null;
}
