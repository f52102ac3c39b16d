using Gateway.Contracts.Values;
using Gateway.Execution.Providers;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;

namespace Gateway.Execution.Runs;

/// <summary>Judges how a run went: first by what Gateway did to it, then by what the CLI said, then by how the process ended.</summary>
internal static class OutcomeJudge
{
    // Sent by the kernel to whoever writes beyond the largest file.
    private const string FileTooLarge = "SIGXFSZ";

    /// <summary>Judges a run that has ended.</summary>
    /// <param name="end">How the process ended.</param>
    /// <param name="report">What the CLI said.</param>
    /// <param name="note">What is known of the run.</param>
    /// <param name="cancelAsked">Somebody wanted it stopped.</param>
    /// <param name="interrupted">It was stopped because the worker goes.</param>
    public static RunVerdict Judge(RunEnd end, AgentReport report, RunNote note, bool cancelAsked, bool interrupted) => end.Reason switch
    {
        RunEndReason.Exited => ByItself(end, report, note),
        RunEndReason.Stopped when interrupted && !cancelAsked => new RunVerdict { Kind = RunVerdictKind.Interrupted, ExitCode = end.ExitCode },
        RunEndReason.Stopped or RunEndReason.Lost or RunEndReason.Deadline =>
            new RunVerdict { Kind = cancelAsked ? RunVerdictKind.Canceled : RunVerdictKind.Lost, ExitCode = end.ExitCode },
        RunEndReason.Timeout => Failed(124, FailureKinds.Timeout, Text($"The run took longer than timeoutMs allows ({note.Timeout.TotalSeconds:0} s). Ask again with more time, or with a smaller task.")),
        RunEndReason.IdleTimeout => Failed(125, FailureKinds.IdleTimeout, Text($"The run was silent for longer than idleTimeoutMs allows ({note.IdleTimeout.TotalSeconds:0} s). Ask again, with more time if its tools are slow."), retryable: true),
        RunEndReason.OutputLimit => Failed(126, FailureKinds.OutputLimit, Text($"The run wrote more than the output cap of this worker allows and was stopped; the first {end.StdoutBytes + end.StderrBytes} bytes are kept. Ask for less output.")),
        RunEndReason.StartFailed => Verdict(end.ExitCode, end.ExitCode is 126 or 127 ? Missing(note.Provider, end.ExitCode.Value) : Unstartable(note.Provider)),
        RunEndReason.SandboxMissing => Failed(null, FailureKinds.Rejected, "This worker cannot give the sandbox that its settings demand. Its operator must install bubblewrap or set Worker:Sandbox."),
        RunEndReason.OutOfResources => Failed(null, FailureKinds.ResourceLimit, "The worker's machine has no memory, processes or descriptors left for another run. Ask its operator."),
        RunEndReason.ResourceLimit => Beyond(end, end.Limit),
        RunEndReason.SpoolFull => Failed(end.ExitCode, FailureKinds.ResourceLimit, "The worker's disk is full, so the run was stopped; what it wrote before is kept. Ask its operator."),
        _ => Failed(end.ExitCode, FailureKinds.Internal, "The run ended in a way that Gateway does not know. Please report this.", retryable: true, again: true),
    };

    /// <summary>The failure of a CLI that cannot be executed.</summary>
    /// <param name="provider">Its name.</param>
    /// <param name="exitCode">127 not found, 126 not executable.</param>
    public static RunFailure Missing(string provider, int exitCode) => new()
    {
        Kind = FailureKinds.CliMissing,
        Message = exitCode == 127
            ? $"The CLI '{provider}' was not found on the worker. Install it there, or set {Setting(provider)}:Program."
            : $"The CLI '{provider}' on the worker is not an executable file. Check {Setting(provider)}:Program.",
        Retryable = false,
    };

    private static RunVerdict ByItself(RunEnd end, AgentReport report, RunNote note)
    {
        if (report.Failure is { } stated)
        {
            return Verdict(end.ExitCode, stated);
        }

        if (end.Signal == FileTooLarge)
        {
            return Beyond(end, RunLimit.FileSize);
        }

        if (SignalOf(end) is { } signal)
        {
            return Verdict(end.ExitCode, new RunFailure
            {
                Kind = FailureKinds.CliError,
                Message = $"The CLI '{note.Provider}' was ended from outside by {signal}. Ask again, or ask the worker's operator who ended it.",
                Retryable = false,
                Signal = signal,
            });
        }

        if (end.ExitCode != 0)
        {
            return Failed(end.ExitCode, FailureKinds.CliError, report.HasFinalRecord
                ? Text($"The CLI '{note.Provider}' gave an answer and then ended with exit code {end.ExitCode}. Its stderr may say why.")
                : Text($"The CLI '{note.Provider}' ended with exit code {end.ExitCode} before it had answered. Its stderr may say why."));
        }

        if (!end.StdinFullyRead)
        {
            return Failed(126, FailureKinds.CliError, $"The CLI '{note.Provider}' ended before it had read the whole prompt, so its answer cannot be trusted. Ask again with a shorter prompt.");
        }

        return report.HasFinalRecord
            ? new RunVerdict { Kind = RunVerdictKind.Completed, ExitCode = 0 }
            : Failed(0, FailureKinds.InvalidOutput, $"The CLI '{note.Provider}' ended without its final record, so whether it finished is unknown. Ask again.", retryable: true);
    }

    // Programs return 128 + n by themselves for these three: nobody else could have sent them here, since Gateway did not.
    private static string? SignalOf(RunEnd end) => end.Signal ?? end.ExitCode switch
    {
        129 => "SIGHUP",
        130 => "SIGINT",
        143 => "SIGTERM",
        _ => null,
    };

    private static RunVerdict Beyond(RunEnd end, RunLimit? limit)
    {
        var (what, member) = limit switch
        {
            RunLimit.Memory => ("memory", nameof(RunLimitOptions.MemoryBytes)),
            RunLimit.Processes => ("processes", nameof(RunLimitOptions.Processes)),
            RunLimit.CpuTime => ("processor time", nameof(RunLimitOptions.CpuTime)),
            _ => ("room for a single file", nameof(RunLimitOptions.FileBytes)),
        };
        return Failed(end.ExitCode, FailureKinds.ResourceLimit, $"The run and its tools took more {what} than this worker allows and were stopped; what was written before is kept. Ask for less at once, or ask the worker's operator to raise {RunLimitOptions.Section}:{member}.");
    }

    private static RunFailure Unstartable(string provider) => new()
    {
        Kind = FailureKinds.Internal,
        Message = $"The CLI '{provider}' could not be started on the worker. Its log says why.",
        Retryable = true,
        Again = true,
    };

    private static string Setting(string provider) => char.ToUpperInvariant(provider[0]) + provider[1..];

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static RunVerdict Failed(int? exitCode, string kind, string message, bool retryable = false, bool again = false) =>
        Verdict(exitCode, new RunFailure { Kind = kind, Message = message, Retryable = retryable, Again = again });

    private static RunVerdict Verdict(int? exitCode, RunFailure failure) =>
        new() { Kind = RunVerdictKind.Failed, ExitCode = exitCode, Failure = failure };
}
