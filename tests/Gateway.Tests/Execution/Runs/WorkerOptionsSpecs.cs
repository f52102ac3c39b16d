using Gateway.Execution.Credentials;
using Gateway.Execution.McpServers;
using Gateway.Execution.Providers.Claude;
using Gateway.Execution.Providers.Codex;
using Gateway.Execution.Providers.Gemini;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gateway.Tests.Execution.Runs;

public sealed class WorkerOptionsSpecs
{
    [Fact]
    public void Good_settings_are_taken()
    {
        using var services = Services(
            ("Worker:DataFolder", "/data"), ("Worker:Slots", "3"), ("Worker:HeartbeatInterval", "00:00:10"), ("Worker:Sandbox", "Process"), ("Claude:MaxRetries", "2"), ("Codex:RequestMaxRetries", "2"), ("Gemini:MaxAttempts", "2"),
            ("Workspaces:Roots:0", "/w"), ("Credentials:main:Kind", "api_key"), ("Credentials:main:File", "/k"), ("Credentials:mine:Kind", "login"));
        var worker = services.GetRequiredService<IOptions<WorkerOptions>>().Value;
        Assert.Equal((3, TimeSpan.FromSeconds(10), SandboxChoice.Process), (worker.Slots, worker.HeartbeatInterval, worker.Sandbox));
        Assert.Equal(2, services.GetRequiredService<IOptions<ClaudeOptions>>().Value.MaxRetries);
        Assert.Equal(2, services.GetRequiredService<IOptions<GeminiOptions>>().Value.MaxAttempts);
        Assert.Equal((2, 5), (services.GetRequiredService<IOptions<CodexOptions>>().Value.RequestMaxRetries, services.GetRequiredService<IOptions<CodexOptions>>().Value.StreamMaxRetries));
        Assert.Equal(["/w"], services.GetRequiredService<IOptions<WorkspacesOptions>>().Value.Roots);
        var credentials = services.GetRequiredService<IOptions<CredentialsOptions>>().Value;
        Assert.Equal(("/k", "login"), (credentials["MAIN"].File, credentials["mine"].Kind));
    }

    [Theory]
    [InlineData("Worker:Slots", "0", "Slots")]
    [InlineData("Worker:DataFolder", "", "DataFolder")]
    [InlineData("Worker:DataFolder", "relative", "Worker:DataFolder")]
    [InlineData("Worker:Pool", "Über", "Pool")]
    [InlineData("Worker:HeartbeatInterval", "00:00:00", "HeartbeatInterval")]
    [InlineData("Worker:CleanUpInterval", "00:00:00.5", "CleanUpInterval")]
    [InlineData("Worker:KillBound", "00:00:15", "Worker:KillBound")]
    [InlineData("Worker:OutputCapBytes", "5", "OutputCapBytes")]
    [InlineData("Claude:MaxRetries", "99", "MaxRetries")]
    [InlineData("Claude:BaseUrl", "nonsense", "BaseUrl")]
    [InlineData("Gemini:MaxAttempts", "0", "MaxAttempts")]
    [InlineData("Gemini:MaxAttempts", "11", "MaxAttempts")]
    [InlineData("Gemini:BaseUrl", "nonsense", "BaseUrl")]
    [InlineData("Gemini:Program", "", "Program")]
    [InlineData("Gemini:SearchPath", "", "SearchPath")]
    [InlineData("Codex:RequestMaxRetries", "101", "RequestMaxRetries")]
    [InlineData("Codex:StreamMaxRetries", "-1", "StreamMaxRetries")]
    [InlineData("Codex:BaseUrl", "nonsense", "BaseUrl")]
    [InlineData("Codex:Program", "", "Program")]
    [InlineData("Workspaces:Roots:0", "here", "Workspaces:Roots:0")]
    [InlineData("Workspaces:GitProgram", "git", "Workspaces:GitProgram")]
    [InlineData("Workspaces:Aliases:shop:Path", "/no/such/directory", "Workspaces:Aliases:shop:Path")]
    [InlineData("Workspaces:Aliases:shop:Path", "here", "Workspaces:Aliases:shop:Path")]
    [InlineData("McpServers:a.b:Command", "/bin/x", "McpServers:a.b:")]
    [InlineData("McpServers:x:ReadOnly", "true", "McpServers:x needs Command")]
    [InlineData("McpServers:x:Command", "node", "McpServers:x:Command")]
    [InlineData("McpServers:x:Command", "/data/homes/tool", "McpServers:x would show")]
    [InlineData("McpServers:x:Command", "/tool", "McpServers:x would show")]
    [InlineData("Credentials:x:Kind", "password", "Credentials:x:Kind")]
    [InlineData("Credentials:x:CacheFor", "02:00:00", "Credentials:x:CacheFor")]
    public void A_wrong_setting_is_named(string key, string value, string named)
    {
        using var services = Services(("Worker:DataFolder", "/data"), (key, value));
        var fault = Assert.ThrowsAny<OptionsValidationException>(() =>
        {
            _ = services.GetRequiredService<IOptions<WorkerOptions>>().Value;
            _ = services.GetRequiredService<IOptions<ClaudeOptions>>().Value;
            _ = services.GetRequiredService<IOptions<GeminiOptions>>().Value;
            _ = services.GetRequiredService<IOptions<CodexOptions>>().Value;
            _ = services.GetRequiredService<IOptions<WorkspacesOptions>>().Value;
            _ = services.GetRequiredService<IOptions<McpServersOptions>>().Value;
            _ = services.GetRequiredService<IOptions<CredentialsOptions>>().Value;
        });
        Assert.Contains(fault.Failures, text => text.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public void Three_heartbeats_must_fit_into_a_lease()
    {
        var options = new WorkerOptions();
        Assert.True(options.Fits(TimeSpan.FromSeconds(60)));
        Assert.False(options.Fits(TimeSpan.FromSeconds(59)));
    }

    private static ServiceProvider Services(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Reverse().DistinctBy(one => one.Key).Select(one => KeyValuePair.Create<string, string?>(one.Key, one.Value)))
            .Build();
        return new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging().AddGatewayExecution().BuildServiceProvider();
    }
}
