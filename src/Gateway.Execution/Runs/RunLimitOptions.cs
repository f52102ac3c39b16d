using System.ComponentModel.DataAnnotations;
using Gateway.Processes.Sandbox;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Runs;

/// <summary>
/// Section <c>RunLimits</c>: how much of this worker's machine one run may take, all its processes together. A run that takes more
/// fails with <c>resource_limit</c>. Any of them can be switched off with 0.
/// </summary>
public sealed class RunLimitOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "RunLimits";

    /// <summary>Most resident memory, in bytes. 67,108,864 (64 MiB) to 1 TiB, or 0 for no limit; default 4 GiB.</summary>
    [Range(0L, 1L << 40)]
    public long MemoryBytes { get; set; } = 4L << 30;

    /// <summary>Most processes at a time. 8 to 100,000, or 0 for no limit; default 512.</summary>
    [Range(0, 100_000)]
    public int Processes { get; set; } = 512;

    /// <summary>Most processor time of an attempt. 1 second to 30 days, or 0 for no limit; default 4 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan CpuTime { get; set; } = TimeSpan.FromHours(4);

    /// <summary>Largest single file that a run writes, in bytes. 1,048,576 (1 MiB) to 1 TiB, or 0 for no limit; default 10 GiB.</summary>
    [Range(0L, 1L << 40)]
    public long FileBytes { get; set; } = 10L << 30;

    /// <summary>The limits that are on, by the names of their settings in camel case.</summary>
    public IReadOnlyDictionary<string, string> InForce() => new (string Name, long Value, string Text)[]
    {
        ("memoryBytes", MemoryBytes, FormattableString.Invariant($"{MemoryBytes}")),
        ("processes", Processes, FormattableString.Invariant($"{Processes}")),
        ("cpuTime", CpuTime.Ticks, CpuTime.ToString("c", System.Globalization.CultureInfo.InvariantCulture)),
        ("fileBytes", FileBytes, FormattableString.Invariant($"{FileBytes}")),
    }.Where(limit => limit.Value > 0).ToDictionary(limit => limit.Name, limit => limit.Text);

    /// <summary>The limits as a runner takes them.</summary>
    public RunLimits ToLimits() => new()
    {
        MemoryBytes = MemoryBytes > 0 ? MemoryBytes : null,
        Processes = Processes > 0 ? Processes : null,
        CpuTime = CpuTime > TimeSpan.Zero ? CpuTime : null,
        FileBytes = FileBytes > 0 ? FileBytes : null,
    };
}

/// <summary>Refuses settings at start, naming them.</summary>
[OptionsValidator]
internal sealed partial class RunLimitOptionsValidator : IValidateOptions<RunLimitOptions>;

/// <summary>Between 0 and the least that lets a CLI run at all there is nothing to set.</summary>
internal sealed class RunLimitLeastValidator : IValidateOptions<RunLimitOptions>
{
    private const long LeastMemoryBytes = 64L << 20;
    private const int LeastProcesses = 8;
    private const long LeastFileBytes = 1L << 20;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RunLimitOptions options)
    {
        List<string> faults = [];
        Check(nameof(RunLimitOptions.MemoryBytes), options.MemoryBytes, LeastMemoryBytes);
        Check(nameof(RunLimitOptions.Processes), options.Processes, LeastProcesses);
        Check(nameof(RunLimitOptions.FileBytes), options.FileBytes, LeastFileBytes);
        if (options.CpuTime > TimeSpan.Zero && options.CpuTime < TimeSpan.FromSeconds(1))
        {
            faults.Add($"{RunLimitOptions.Section}:{nameof(RunLimitOptions.CpuTime)} must be 0 for no limit, or at least 1 second.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Check(string member, long value, long least)
        {
            if (value > 0 && value < least)
            {
                faults.Add(FormattableString.Invariant($"{RunLimitOptions.Section}:{member} must be 0 for no limit, or at least {least}, not {value}."));
            }
        }
    }
}
