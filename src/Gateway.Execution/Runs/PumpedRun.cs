using Gateway.Contracts.Values;
using Gateway.Execution.Providers;
using Gateway.Processes.Spool;

namespace Gateway.Execution.Runs;

/// <summary>A run that has ended and whose every byte is stored.</summary>
/// <param name="End">How its process ended.</param>
/// <param name="Report">What its CLI said.</param>
/// <param name="Streams">Length and hash of every stream.</param>
/// <param name="Worktree">What it changed in its worktree; null without one.</param>
internal sealed record PumpedRun(RunEnd End, AgentReport Report, IReadOnlyList<StreamSummary> Streams, WorktreeChange? Worktree = null)
{
    /// <summary>What the run reports.</summary>
    /// <param name="verdict">How it went.</param>
    public RunResult ToResult(RunVerdict verdict) => new()
    {
        StartedAt = End.StartedAt,
        EndedAt = End.EndedAt,
        Duration = End.StartedAt is null ? null : End.Duration,
        ExitCode = verdict.ExitCode,
        Streams = Streams,
        OutputTruncated = End.Truncated,
        Model = Report.Model,
        SessionId = Report.SessionId,
        Usage = Report.Usage,
        StructuredOutputJson = Report.StructuredOutputJson,
        HasAnswer = Report.Answer is not null,
        AnswerIsError = Report.AnswerIsError,
        Worktree = Worktree,
        Warnings = Report.Warnings,
    };
}
