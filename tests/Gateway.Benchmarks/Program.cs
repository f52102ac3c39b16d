using System.Runtime.InteropServices;
using Gateway.Benchmarks;
using Gateway.Benchmarks.Figures;
using Gateway.Benchmarks.Measures;

var options = BenchOptions.Parse(args);
var all = options switch { { ScaleOut: true } => MeasureList.ScaleOut, { Against: not null } => MeasureList.Against, _ => MeasureList.All };
if (options is null || options.Only.Any(name => all.All(measure => measure.Name != name)))
{
    Console.Error.WriteLine(BenchOptions.Usage);
    Console.Error.WriteLine($"NAME is one of: {string.Join(", ", all.Select(measure => measure.Name))}");
    return 2;
}

using var stopping = new CancellationTokenSource();
// Both ways of being stopped leave no process behind.
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
var table = new FigureTable();
foreach (var sandboxed in options.Sandboxes)
{
    // What was measured before a stop is still shown.
    foreach (var measure in all.TakeWhile(_ => !stopping.IsCancellationRequested).Where(measure => options.Only.Count == 0 || options.Only.Contains(measure.Name)))
    {
        Console.Error.WriteLine($"{measure.Name}, sandbox {(sandboxed ? "on" : "off")} …");
        try
        {
            foreach (var figure in await measure.Run(new MeasureContext(options, sandboxed), stopping.Token))
            {
                table.Add(figure, sandboxed);
            }
        }
        catch (Exception fault)
        {
            table.AddFault(measure.Name, sandboxed, fault);
        }
    }
}

table.Write(Console.Out);
if (options.JsonFile is { } file)
{
    table.WriteJson(file);
}

return stopping.IsCancellationRequested ? 130 : 0;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}
