using System.CommandLine;
using Gateway.Cli.Run;

var root = new RootCommand("Works with a Gateway: hands prompts to coding agents as durable jobs.") { RunCommand.Create() };
return await root.Parse(args).InvokeAsync();
