using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>A worker as a process, with a runner of its own.</summary>
internal sealed class WorkerProcess(string data, string name, IEnumerable<(string Name, string Value)> settings)
    : ProgramProcess(BuiltPrograms.Worker, data, "Gateway worker ", ["--Data:Folder", data, "--Worker:Name", name, .. settings.SelectMany(s => (string[])[$"--{s.Name}", s.Value])])
{
    public string Name { get; } = name;
}
