using System.Diagnostics;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;
using Xunit;

namespace Gateway.Tests.Processes;

public sealed class SweepSpecs
{
    // In the middle of an exec a process shows no environment at all, and one that does nothing else is there much of its time.
    private const string ExecsForEver = "exec /bin/sh -c \"$LOOP\"";
    private const int Rounds = 40;

    [Fact]
    public async Task A_process_in_the_middle_of_an_exec_does_not_escape()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var run = new RunId(Guid.NewGuid(), 1);
            using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", ExecsForEver])
            {
                Environment = { ["GATEWAY_RUN"] = run.EnvironmentValue, ["LOOP"] = ExecsForEver },
            })!;
            try
            {
                Assert.True(ProcessSweep.KillAll(run, TimeProvider.System, TimeSpan.FromSeconds(10)));
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"It lives on after the sweep of round {round}.");
            }
            finally
            {
                process.Kill();
            }
        }
    }
}
