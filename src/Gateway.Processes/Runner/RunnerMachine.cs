using Gateway.Processes.Launching;
using Gateway.Processes.Sandbox;
using Microsoft.Extensions.Logging;

namespace Gateway.Processes.Runner;

/// <summary>What every run of a runner shares.</summary>
internal sealed record RunnerMachine(string Folder, Launcher Launcher, Containment Containment, TimeProvider Clock, ILogger Logger)
{
    public UsageTable Usage { get; } = new(Clock);
}
