using System.Runtime.InteropServices;
using Gateway.Nemesis;
using Gateway.Nemesis.House;
using Gateway.Nemesis.Reporting;

if (args is ["--help"] or ["-h"])
{
    Console.Out.WriteLine(NemesisOptions.Usage);
    return 0;
}

if (NemesisOptions.Parse(args) is not { } options || (options.Folder is { } given && Directory.Exists(given) && Directory.EnumerateFileSystemEntries(given).Any()))
{
    Console.Error.WriteLine(NemesisOptions.Usage);
    return 2;
}

using var stopping = new CancellationTokenSource();
// Both ways of being stopped leave no process behind.
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
// Short: sockets lie in it. Open: the database server has a user of its own.
var folder = options.Folder ?? $"/var/tmp/gateway-nemesis-{Guid.NewGuid().ToString("n")[..8]}";
Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
var house = new NemesisHouse(folder);
var code = 3;
try
{
    await using var run = new NemesisRun(options, house);
    var report = await run.RunAsync(stopping.Token);
    await report.WriteAsync(Console.Out);
    if (options.CtrfFile is { } file)
    {
        report.WriteCtrf(file);
    }

    code = report.Holds ? 0 : 1;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    code = 130;
}
catch (ServicesException fault) when (options.CtrfFile is not null && !Environment.IsPrivilegedProcess)
{
    // As with the other tests of servers: not to be had without root, which build/services has said.
    CtrfFile.WriteSkipped(options.CtrfFile, fault.Message);
    code = 0;
}
catch (Exception fault)
{
    Console.Error.WriteLine(fault);
}
finally
{
    await house.DisposeAsync();
    if ((code is 0 or 130 && !options.Keep) || !Directory.Exists(house.Logs))
    {
        Directory.Delete(folder, recursive: true);
    }
    else
    {
        Console.Out.WriteLine($"Kept: {folder} (logs of all processes in {house.Logs})");
    }
}

return code;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}
