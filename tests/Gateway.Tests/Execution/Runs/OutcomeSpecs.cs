using Gateway.Contracts.Values;
using Gateway.Execution.Providers;
using Gateway.Execution.Runs;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;
using Xunit;

namespace Gateway.Tests.Execution.Runs;

public sealed class OutcomeSpecs
{
    private static readonly RunNote Note = new()
    {
        Provider = "claude",
        SessionId = Guid.Empty,
        CredentialName = "main",
        ConfigDirectory = "/secret/place",
        Timeout = TimeSpan.FromSeconds(60),
        IdleTimeout = TimeSpan.FromSeconds(30),
    };

    private static readonly AgentReport Answered = new() { HasFinalRecord = true, Answer = "x" };
    private static readonly AgentReport Silent = new();

    [Theory]
    [InlineData(RunEndReason.Timeout, 143, FailureKinds.Timeout, 124, false, false)]
    [InlineData(RunEndReason.IdleTimeout, 137, FailureKinds.IdleTimeout, 125, true, false)]
    [InlineData(RunEndReason.OutputLimit, 143, FailureKinds.OutputLimit, 126, false, false)]
    [InlineData(RunEndReason.StartFailed, 127, FailureKinds.CliMissing, 127, false, false)]
    [InlineData(RunEndReason.StartFailed, 126, FailureKinds.CliMissing, 126, false, false)]
    [InlineData(RunEndReason.StartFailed, null, FailureKinds.Internal, null, true, true)]
    [InlineData(RunEndReason.SandboxMissing, null, FailureKinds.Rejected, null, false, false)]
    [InlineData(RunEndReason.OutOfResources, null, FailureKinds.ResourceLimit, null, false, false)]
    [InlineData(RunEndReason.SpoolFull, 143, FailureKinds.ResourceLimit, 143, false, false)]
    [InlineData(RunEndReason.Exited, 3, FailureKinds.CliError, 3, false, false)]
    [InlineData(RunEndReason.Exited, 0, FailureKinds.InvalidOutput, 0, true, false)]
    public void What_Gateway_did_or_the_exit_code_decides_when_the_cli_says_nothing(
        RunEndReason reason, int? exitCode, string kind, int? reported, bool retryable, bool again)
    {
        var verdict = Judge(End(reason, exitCode), Silent);
        Assert.Equal(RunVerdictKind.Failed, verdict.Kind);
        Assert.Equal((kind, retryable, again), (verdict.Failure?.Kind, verdict.Failure?.Retryable, verdict.Failure?.Again));
        Assert.Equal(reported, verdict.ExitCode);
        Assert.InRange(verdict.Failure?.Message.Length ?? 0, 20, 500);
        Assert.DoesNotContain("/", verdict.Failure?.Message ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RunEndReason.ResourceLimit, RunLimit.Memory, null, "MemoryBytes")]
    [InlineData(RunEndReason.ResourceLimit, RunLimit.Processes, null, "Processes")]
    [InlineData(RunEndReason.ResourceLimit, RunLimit.CpuTime, null, "CpuTime")]
    [InlineData(RunEndReason.Exited, null, "SIGXFSZ", "FileBytes")]
    public void A_run_that_took_too_much_of_the_machine_is_told_which_limit_that_was(RunEndReason reason, RunLimit? limit, string? signal, string setting)
    {
        var failure = Judge(End(reason, 153) with { Limit = limit, Signal = signal }, Silent).Failure;
        Assert.Equal((FailureKinds.ResourceLimit, false), (failure?.Kind, failure?.Retryable));
        Assert.Contains($"RunLimits:{setting}", failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_and_exit_code_0_are_a_success() =>
        Assert.Equal(RunVerdictKind.Completed, Judge(End(RunEndReason.Exited, 0), Answered).Kind);

    [Fact]
    public void An_answer_does_not_outweigh_a_bad_exit_code() =>
        Assert.Equal(FailureKinds.CliError, Judge(End(RunEndReason.Exited, 1), Answered).Failure?.Kind);

    [Fact]
    public void A_stated_failure_counts_even_with_exit_code_0()
    {
        var stated = new RunFailure { Kind = FailureKinds.ApiError, Message = "stated", Retryable = true, Again = true };
        Assert.Same(stated, Judge(End(RunEndReason.Exited, 0), Answered with { Failure = stated }).Failure);
    }

    [Theory]
    [InlineData("SIGKILL", 137, "SIGKILL")]
    [InlineData(null, 143, "SIGTERM")]
    [InlineData(null, 129, "SIGHUP")]
    public void A_signal_from_outside_is_named(string? signal, int exitCode, string named)
    {
        var failure = Judge(End(RunEndReason.Exited, exitCode) with { Signal = signal }, Silent).Failure;
        Assert.Equal((FailureKinds.CliError, named), (failure?.Kind, failure?.Signal));
        Assert.Contains(named, failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prompt_that_was_not_read_spoils_a_success()
    {
        var verdict = Judge(End(RunEndReason.Exited, 0) with { StdinFullyRead = false }, Answered);
        Assert.Equal((FailureKinds.CliError, 126), (verdict.Failure?.Kind, verdict.ExitCode));
    }

    [Theory]
    [InlineData(RunEndReason.Stopped, true, false, RunVerdictKind.Canceled)]
    [InlineData(RunEndReason.Lost, true, false, RunVerdictKind.Canceled)]
    [InlineData(RunEndReason.Deadline, true, false, RunVerdictKind.Canceled)]
    [InlineData(RunEndReason.Stopped, false, false, RunVerdictKind.Lost)]
    [InlineData(RunEndReason.Lost, false, false, RunVerdictKind.Lost)]
    [InlineData(RunEndReason.Deadline, false, false, RunVerdictKind.Lost)]
    [InlineData(RunEndReason.Exited, true, true, RunVerdictKind.Completed)]
    [InlineData(RunEndReason.Stopped, false, true, RunVerdictKind.Interrupted)]
    [InlineData(RunEndReason.Stopped, true, true, RunVerdictKind.Canceled)]
    [InlineData(RunEndReason.Lost, false, true, RunVerdictKind.Lost)]
    public void A_stopped_run_is_what_was_asked_for_and_a_run_that_had_ended_keeps_its_outcome(
        RunEndReason reason, bool cancelAsked, bool interrupted, object expected) =>
        Assert.Equal(expected, OutcomeJudge.Judge(End(reason, 0), Answered, Note, cancelAsked, interrupted).Kind);

    [Fact]
    public void Every_reason_is_judged() => Assert.All(Enum.GetValues<RunEndReason>(), reason =>
        Assert.DoesNotContain("does not know", OutcomeJudge.Judge(End(reason, 1), Silent, Note, false, false).Failure?.Message ?? "", StringComparison.Ordinal));

    private static RunVerdict Judge(RunEnd end, AgentReport report) => OutcomeJudge.Judge(end, report, Note, cancelAsked: false, interrupted: false);

    private static RunEnd End(RunEndReason reason, int? exitCode) =>
        new() { Reason = reason, ExitCode = exitCode, EndedAt = DateTimeOffset.UnixEpoch };
}
