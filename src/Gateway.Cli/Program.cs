using System.CommandLine;
using Gateway.Api.Startup;
using Gateway.Cli.Admin;
using Gateway.Cli.Approvals;
using Gateway.Cli.Audit;
using Gateway.Cli.Database;
using Gateway.Cli.DeadLetters;
using Gateway.Cli.Doctor;
using Gateway.Cli.Jobs;
using Gateway.Cli.Keys;
using Gateway.Cli.Policies;
using Gateway.Cli.Run;
using Gateway.Cli.Settings;
using Gateway.Cli.Startup;
using Gateway.Cli.Terminal;
using Gateway.Cli.Workers;
using Gateway.Hosting.Settings;

var settings = ProgramSettings.Create();
var options = new AdminOptions();
var root = new RootCommand($"Works with a Gateway: hands prompts to coding agents as durable jobs, and looks after them. {ExitCodes.Words}")
{
    RunCommand.Create(),
    JobsCommand.Create(options),
    DlqCommand.Create(options),
    ApprovalsCommand.Create(options),
    KeysCommand.Create(options),
    AuditCommand.Create(options),
    PolicyCommand.Create(options, ApiTools.Catalog, ApiTools.ExplainAsync),
    WorkerCommand.Create(options),
    DoctorCommand.Create(options, GatewaySettings.SearchPath(), settings),
    ConfigCommand.Create(options, settings),
    DbCommand.Create(options, StoredSchema.AskAsync),
};
return await root.Parse(args).InvokeAsync();
