using System.Globalization;
using Gateway.Processes.Runner;

// Started by a worker: Gateway.Runner FOLDER [--idle-exit-ms N] [--containment bubblewrap|unshare|sweep]
if (args.Length == 0 || !Path.IsPathFullyQualified(args[0]))
{
    Console.Error.WriteLine("Usage: Gateway.Runner FOLDER [--idle-exit-ms N] [--containment bubblewrap|unshare|sweep]; FOLDER is absolute.");
    return 2;
}

var idleExit = TimeSpan.FromSeconds(5);
string? containment = null;
for (var i = 1; i + 1 < args.Length; i += 2)
{
    switch (args[i])
    {
        case "--idle-exit-ms":
            idleExit = TimeSpan.FromMilliseconds(int.Parse(args[i + 1], CultureInfo.InvariantCulture));
            break;
        case "--containment":
            containment = args[i + 1];
            break;
        default:
            Console.Error.WriteLine($"Unknown option {args[i]}.");
            return 2;
    }
}

return RunnerHost.Run(args[0], idleExit, containment);
