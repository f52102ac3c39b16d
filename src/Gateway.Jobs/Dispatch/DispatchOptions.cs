using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Dispatch;

/// <summary>How waiting jobs are given to workers. Section <c>Dispatch</c>.</summary>
public sealed class DispatchOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Dispatch";

    /// <summary>Most jobs of all tenants that run at once, wherever slots are free. 1 to 1,000,000; default: none but the slots.</summary>
    [Range(1, 1_000_000)]
    public int? MaxRunning { get; set; }

    /// <summary>Gone: <c>Quotas:Default:Running</c> is what it was. A value stops the start.</summary>
    public int? MaxRunningPerTenant { get; set; }

    /// <summary>Commands of a pool that may wait for a slot, so that a slot which falls free need not wait for a command. 0 to 1,000; default 4.</summary>
    [Range(0, 1_000)]
    public int Margin { get; set; } = 4;

    /// <summary>A worker that was not heard for so long gets nothing new. 1 s to 1 h; default 45 s, three heartbeats.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan WorkerSilence { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>
    /// Slots of the worker in this process, known before its first heartbeat; set by the host, 0 where there is none. 0 to
    /// 1,000,000.
    /// </summary>
    [Range(0, 1_000_000)]
    public int OwnSlots { get; set; }
}

/// <summary>Checks the attributes of <see cref="DispatchOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class DispatchOptionsValidator : IValidateOptions<DispatchOptions>;
