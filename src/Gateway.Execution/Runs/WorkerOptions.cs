using System.ComponentModel.DataAnnotations;
using Gateway.Contracts;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Runs;

/// <summary>Section <c>Worker</c>: how this worker takes and guards runs.</summary>
public sealed class WorkerOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Worker";

    /// <summary>Name for people, 1 to 64 characters. Default: the machine's name.</summary>
    [Required, StringLength(64, MinimumLength = 1)]
    public string Name { get; set; } = Environment.MachineName;

    /// <summary>Pool, from which the queue follows. Lower-case letters, digits and <c>-</c>, at most 40. Default <c>default</c>.</summary>
    [Required, RegularExpression("^[a-z][a-z0-9-]{0,39}$")]
    public string Pool { get; set; } = EndpointNames.DefaultPool;

    /// <summary>Runs at the same time. 1 to 1,000, default 16.</summary>
    [Range(1, 1000)]
    public int Slots { get; set; } = 16;

    /// <summary>Absolute path of the folder for homes, private working directories and notes; made when missing. No default.</summary>
    [Required]
    public string DataFolder { get; set; } = "";

    /// <summary>Absolute path of the runner's folder. Default: <c>runner</c> in <see cref="DataFolder"/>.</summary>
    public string? RunnerFolder { get; set; }

    /// <summary>Absolute path of <c>Gateway.Runner</c>. Default: <c>runner/Gateway.Runner</c> beside this program.</summary>
    public string? RunnerProgram { get; set; }

    /// <summary>Word of <c>RunnerOptions.Containment</c>; default: the best that works.</summary>
    public string? Containment { get; set; }

    /// <summary>How long the runner stays without runs and without a worker. 1 second to 1 day, default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RunnerIdleExit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time between heartbeats. 100 milliseconds to 5 minutes, default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1000000", "00:05:00")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long before the end of its lease a run is ended by the runner. Must be more than <see cref="KillBound"/>. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1000000", "00:10:00")]
    public TimeSpan RunnerMargin { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest time that the death of a process tree takes. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.0500000", "00:05:00")]
    public TimeSpan KillBound { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between the stop signal and the kill. 0 to 5 minutes, default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan CancelGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What a stop does with the runs under way. Default: they are handed over to the worker's successor on this machine.</summary>
    public DrainChoice Drain { get; set; } = DrainChoice.Handover;

    /// <summary>With <see cref="DrainChoice.Evacuate"/>: how long runs may go on before they are stopped. 0 to 1 day, default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan SoftStop { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes of stdout and stderr together of one attempt. 1 KiB to 1 GiB, default 50 MiB.</summary>
    [Range(1024L, 1L << 30)]
    public long OutputCapBytes { get; set; } = 52_428_800;

    /// <summary>
    /// How often this worker asks which of the jobs that it keeps directories for have ended without it, to remove these.
    /// It also asks at its start. 1 second to 1 day, default 5 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan CleanUpInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the control plane may take for an answer before it is asked again. 100 milliseconds to 1 minute, default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1000000", "00:01:00")]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether this worker asks its CLIs for their version and their help, at its start and when another one is installed, so that
    /// <c>cli_versions</c> can tell. Default true.
    /// </summary>
    public bool LooksAtClis { get; set; } = true;

    /// <summary>The walls around runs. Default: the best that the machine has.</summary>
    public SandboxChoice Sandbox { get; set; } = SandboxChoice.Best;

    /// <summary>Absolute paths that runs may read beside their own directories, when walled to a workspace. Default none.</summary>
    public IList<string> SandboxReadOnlyPaths { get; } = [];

    /// <summary>The longest time that a stop can take: what a host, a unit or a pod must grant it.</summary>
    public TimeSpan LongestStop => TimeSpan.FromSeconds(30) + (Drain == DrainChoice.Evacuate ? SoftStop + CancelGrace + KillBound : TimeSpan.Zero);

    /// <summary>Whether a lease is long enough for these settings: three heartbeats must fit before the runner's deadline.</summary>
    /// <param name="lease">Length of the leases that the control plane grants.</param>
    public bool Fits(TimeSpan lease) => 3 * HeartbeatInterval <= lease - RunnerMargin;
}

/// <summary>Refuses settings at start, naming them.</summary>
[OptionsValidator]
internal sealed partial class WorkerOptionsValidator : IValidateOptions<WorkerOptions>;

/// <summary>Rules across members. The first one keeps two runs of a job from living at the same time.</summary>
internal sealed class WorkerRulesValidator : IValidateOptions<WorkerOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, WorkerOptions options)
    {
        List<string> faults = [];
        if (options.KillBound >= options.RunnerMargin)
        {
            faults.Add("Worker:KillBound must be less than Worker:RunnerMargin: a run has to be dead before its lease ends.");
        }

        if (options.CancelGrace + options.KillBound > TimeSpan.FromMinutes(10))
        {
            faults.Add("Worker:CancelGrace and Worker:KillBound together must be at most 10 minutes.");
        }

        foreach (var (member, path) in ((string, string?)[])[("DataFolder", options.DataFolder), ("RunnerFolder", options.RunnerFolder), ("RunnerProgram", options.RunnerProgram)])
        {
            if (!string.IsNullOrEmpty(path) && !Path.IsPathRooted(path))
            {
                faults.Add($"Worker:{member} must be an absolute path.");
            }
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
