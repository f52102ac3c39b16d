using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>A gateway that cannot start says why, and disturbs nobody.</summary>
public sealed class SecondProcessSpecs : GatewayHouse
{
    private const int WrongSettings = 2;
    private const int CannotStart = 3;
    private const int UnsafeAddress = 78;

    [Fact]
    public async Task A_second_gateway_on_the_same_data_ends_with_a_clear_error()
    {
        var gateway = await StartAsync();

        var (code, output) = await GatewayProcess.RunToEndAsync("--urls", "http://127.0.0.1:0", "--Data:Folder", gateway.Data);

        Assert.Equal(CannotStart, code);
        Assert.Contains("in use by another gateway process", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Equal("completed", (await gateway.Client.RunAsync("still here")).Status);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        var gateway = await StartAsync();

        var (code, output) = await GatewayProcess.RunToEndAsync("--urls", gateway.Url.GetLeftPart(UriPartial.Authority), "--Data:Folder", At("other"));

        Assert.Equal(CannotStart, code);
        Assert.Contains($":{gateway.Url.Port}", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        await NoRunnerAsync(At("other"));
    }

    [Fact]
    public async Task Every_wrong_setting_is_named_at_once()
    {
        (string Name, string Value)[] wrong =
        [
            ("Worker:Slots", "0"), ("Worker:KillBound", "00:01:00"), ("Worker:OutputCapBytes", "1"), ("Jobs:MaxQueued", "0"),
            ("Claude:MaxRetries", "99"), ("Claude:BaseUrl", "nonsense"), ("Credentials:default:Kind", "password"), ("Workspaces:Roots:0", "relative"), ("Auth:Scopes", "jobs:everything"),
            ("Edge:MaxRequestBodyBytes", "1"),
        ];

        var (code, output) = await GatewayProcess.RunToEndAsync([
            "--urls", "http://127.0.0.1:0", "--Data:Folder", At("other"), .. wrong.SelectMany(s => (string[])[$"--{s.Name}", s.Value]),
        ]);

        Assert.Equal(WrongSettings, code);
        var missing = wrong.Select(s => s.Name).Where(name => !output.Contains(name, StringComparison.Ordinal) && !output.Contains(name.Split(':')[^1], StringComparison.Ordinal)).ToList();
        Assert.True(missing.Count == 0, $"not named: {string.Join(", ", missing)} in:\n{output}");
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        await NoRunnerAsync(At("other"));
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "Edge:TrustedProxies")]
    [InlineData("https://127.0.0.1:0", "Edge:Tls:CertificateFile")]
    public async Task An_address_over_which_keys_would_pass_in_clear_is_refused_in_one_line_that_names_the_ways_out(string url, string way)
    {
        var (code, output) = await GatewayProcess.RunToEndAsync("--urls", url, "--Data:Folder", At("other"));

        Assert.Equal(UnsafeAddress, code);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("The gateway cannot start with these addresses:", lines[0]);
        Assert.Contains(way, Assert.Single(lines[1..]), StringComparison.Ordinal);
        await NoRunnerAsync(At("other"));
    }

    [Fact]
    public async Task Timers_that_could_let_two_runs_live_are_refused()
    {
        var (code, output) = await GatewayProcess.RunToEndAsync(
            "--urls", "http://127.0.0.1:0", "--Data:Folder", At("other"), "--Leases:Duration", "00:00:30", "--Worker:HeartbeatInterval", "00:00:15");

        Assert.Equal(WrongSettings, code);
        Assert.Contains("Leases:Duration", output, StringComparison.Ordinal);
    }

    private static Task NoRunnerAsync(string data) => Wait.UntilAsync(
        () => !Directory.EnumerateDirectories("/proc").Any(p => File.Exists($"{p}/cmdline") && Command(p).Contains(data, StringComparison.Ordinal)), "no runner was left", TimeSpan.FromSeconds(15));

    private static string Command(string folder)
    {
        try
        {
            return File.ReadAllText($"{folder}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
