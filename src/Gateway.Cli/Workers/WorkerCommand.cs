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
        var command = options.On(new Command("worker", $"Look at workers, or empty one. {ExitCodes.Words}"));
        var list = new Command("list", "List workers by their last heartbeat.");
        options.Run(list, async (_, client, screen, cancellationToken) =>
        {
            var status = await client.GetAsync("status", cancellationToken);
            screen.Show(status, Columns, (status["workers"]?.AsArray() ?? []).Select(worker => (string?[])
                [worker?["name"]?.ToString(), worker?["slots"]?.ToString(), worker?["running"]?.ToString(), worker?["lastHeartbeatAt"]?.ToString()]));
            return ExitCodes.Done;
        });
        command.Add(list);
        command.Add(Drain(options));
        return command;
    }

    private static Command Drain(AdminOptions options)
    {
        var stop = new Option<bool>("--stop") { Description = "And end its process then. Without it the worker stays, takes nothing, and is not ready." };
        var drain = new Command("drain", "Empty the worker of --data-folder, and answer when it is: it takes nothing new, its runs have Worker:SoftStop to end, the rest is stopped and its jobs given back without a counted attempt.") { stop };
        options.Run(drain, async (parsed, client, screen, cancellationToken) =>
        {
            screen.Show(await client.PostAsync($"worker/drain?stop={(parsed.GetValue(stop) ? "true" : "false")}", cancellationToken));
            return ExitCodes.Done;
        });
        return drain;
    }
}
