using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Operators;

/// <summary>A machine without any way out.</summary>
public sealed class OfflineSpecs : GatewayHouse
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_a_route_a_job_runs_and_nothing_but_what_was_configured_is_even_tried(bool telemetry)
    {
        const int collector = 4318;
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/strace") && File.Exists("/usr/sbin/ip"), "a network namespace needs root, iproute2 and strace.");
        var (trace, script) = (At("connects"), At("offline"));
        await File.WriteAllTextAsync(script, $$"""
            #!/bin/sh
            exec unshare --net /bin/sh -c 'ip link set lo up; exec strace -D -f --seccomp-bpf -e trace=connect,sendto,sendmsg -e signal=none -o {{trace}} {{BuiltPrograms.Gateway}} "$@"' sh "$@"

            """.ReplaceLineEndings("\n"), Token);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        (string, string)[] more = telemetry ? [("Telemetry:OtlpEndpoint", $"http://127.0.0.1:{collector}"), ("Telemetry:OtlpProtocol", "HttpProtobuf"), ("Telemetry:MetricsInterval", "00:00:01")] : [];
        var gateway = await GatewayProcess.StartAsync(NextFolder(), WithCli(BuiltPrograms.FakeAgent, [("Worker:Sandbox", "Process"), .. more]), script);
        Guard(gateway);

        // The caller has to be on that machine too.
        var (code, output) = await GatewayProcess.RunToEndAsync(
            "/usr/bin/nsenter",
            [$"--net=/proc/{gateway.Id}/ns/net", BuiltPrograms.Cli, "run", "[[fake: answer hello]]", "--url", gateway.Url.ToString(), "--key-file", Path.Combine(gateway.Data, "api-key")]);
        var (outside, _) = await GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["run", "x", "--url", gateway.Url.ToString(), "--key-file", Path.Combine(gateway.Data, "api-key")]);
        if (telemetry)
        {
            await Wait.UntilAsync(() => Wait.LinesOf(trace).Any(IsInternet), "the collector was tried");
        }

        await gateway.StopAsync();

        Assert.True(code == 0, output);
        Assert.Contains("hello", output, StringComparison.Ordinal);
        Assert.Equal(3, outside);
        var lines = Wait.LinesOf(trace);
        Assert.Contains(lines, line => line.Contains("sa_family=AF_UNIX", StringComparison.Ordinal));
        Assert.Equal(telemetry, lines.Any(IsInternet));
        Assert.All(lines.Where(IsInternet), line => Assert.Contains($"htons({collector})", line, StringComparison.Ordinal));
    }

    private static bool IsInternet(string line) => line.Contains("sa_family=AF_INET", StringComparison.Ordinal);
}
