using System.CommandLine;
using Gateway.Cli.Admin;
using Gateway.Cli.Terminal;

namespace Gateway.Cli.DeadLetters;

/// <summary><c>gateway dlq</c>: the messages that nobody could take, of the outbox and of the broker.</summary>
internal static class DlqCommand
{
    private static readonly string[] Columns = ["ID", "WHERE", "PARKED", "TYPE", "DESTINATION", "JOB", "REASON"];

    /// <summary>The command with its own commands.</summary>
    public static Command Create(AdminOptions options)
    {
        var command = options.On(new Command("dlq", $"Look at the messages that no part of the gateway could take, in the outbox and in the broker's queues of errors, send them again or set them aside. {ExitCodes.Words}"));
        var list = new Command("list", "List them, parked ones included.");
        options.Run(list, async (_, client, screen, cancellationToken) =>
        {
            var answer = await client.GetAsync("dlq", cancellationToken);
            screen.Show(answer, Columns, (answer["letters"]?.AsArray() ?? []).Select(letter => (string?[])
                [letter?["id"]?.ToString(), letter?["where"]?.ToString(), letter?["parked"]?.ToString(), letter?["type"]?.ToString(), letter?["destination"]?.ToString(), letter?["jobId"]?.ToString(), letter?["reason"]?.ToString()]));
            return ExitCodes.Done;
        });
        command.Add(list);
        command.Add(One(options, "show", "Show one with an outline of its body: ids, kinds, times and sizes, and nothing that a caller or an agent wrote.", "", post: false));
        command.Add(One(options, "redrive", "Send one again under its old message id.", "/redrive", post: true));
        command.Add(One(options, "park", "Set one aside: it is kept, and counts as dead no more.", "/park", post: true));
        return command;
    }

    private static Command One(AdminOptions options, string name, string what, string suffix, bool post)
    {
        var id = new Argument<string>("id") { Description = "Its id, from gateway dlq list." };
        var command = new Command(name, what) { id };
        options.Run(command, async (parsed, client, screen, cancellationToken) =>
        {
            var path = $"dlq/{Uri.EscapeDataString(parsed.GetValue(id) ?? "")}{suffix}";
            screen.Show(post ? await client.PostAsync(path, cancellationToken) : await client.GetAsync(path, cancellationToken));
            return ExitCodes.Done;
        });
        return command;
    }
}
