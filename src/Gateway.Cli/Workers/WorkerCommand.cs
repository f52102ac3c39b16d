using System.CommandLine;
using Gateway.Cli.Admin;
using Gateway.Cli.Terminal;

namespace Gateway.Cli.Workers;

/// <summary><c>gateway worker</c>: who runs the CLIs.</summary>
internal static class WorkerCommand
{
    private static readonly string[] Columns = ["WORKER", "SLOTS", "RUNNING", "LAST HEARTBEAT"];

    /// <summary>The command with its own commands.</summary>
    public static Command Create(AdminOptions options)
    {
        var command = options.On(new Command("worker", $"Look at workers. One is drained with SIGTERM to its process. {ExitCodes.Words}"));
        var list = new Command("list", "List workers by their last heartbeat.");
        options.Run(list, async (_, client, screen, cancellationToken) =>
        {
            var status = await client.GetAsync("status", cancellationToken);
            screen.Show(status, Columns, (status["workers"]?.AsArray() ?? []).Select(worker => (string?[])
                [worker?["name"]?.ToString(), worker?["slots"]?.ToString(), worker?["running"]?.ToString(), worker?["lastHeartbeatAt"]?.ToString()]));
            return ExitCodes.Done;
        });
        command.Add(list);
        return command;
    }
}
