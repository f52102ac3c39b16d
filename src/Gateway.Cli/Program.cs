using System.CommandLine;
using Gateway.Cli.Admin;
using Gateway.Cli.DeadLetters;
using Gateway.Cli.Doctor;
using Gateway.Cli.Jobs;
using Gateway.Cli.Run;
using Gateway.Cli.Terminal;
using Gateway.Cli.Workers;
using Gateway.Hosting.Settings;

var options = new AdminOptions();
var root = new RootCommand($"Works with a Gateway: hands prompts to coding agents as durable jobs, and looks after them. {ExitCodes.Words}")
{
    RunCommand.Create(),
    JobsCommand.Create(options),
    DlqCommand.Create(options),
    WorkerCommand.Create(options),
    DoctorCommand.Create(options, GatewaySettings.SearchPath()),
};
return await root.Parse(args).InvokeAsync();
