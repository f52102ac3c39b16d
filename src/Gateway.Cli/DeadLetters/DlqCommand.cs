using System.CommandLine;
using Gateway.Cli.Admin;
using Gateway.Cli.Terminal;

namespace Gateway.Cli.DeadLetters;

/// <summary><c>gateway dlq</c>: the messages of the outbox that nobody could take.</summary>
internal static class DlqCommand
{
    private static readonly string[] Columns = ["SEQ", "PARKED", "TYPE", "DESTINATION", "JOB", "REASON"];

    /// <summary>The command with its own commands.</summary>
    public static Command Create(AdminOptions options)
    {
        var command = options.On(new Command("dlq", $"Look at the messages that no part of the gateway could take, send them again or set them aside. {ExitCodes.Words}"));
        var list = new Command("list", "List them, parked ones included.");
        options.Run(list, async (_, client, screen, cancellationToken) =>
        {
            var answer = await client.GetAsync("dlq", cancellationToken);
            screen.Show(answer, Columns, (answer["letters"]?.AsArray() ?? []).Select(letter => (string?[])
                [letter?["seq"]?.ToString(), letter?["parked"]?.ToString(), letter?["type"]?.ToString(), letter?["destination"]?.ToString(), letter?["jobId"]?.ToString(), letter?["reason"]?.ToString()]));
            return ExitCodes.Done;
        });
        command.Add(list);
        command.Add(One(options, "show", "Show one with its body.", "", post: false));
        command.Add(One(options, "redrive", "Send one again under its old message id.", "/redrive", post: true));
        command.Add(One(options, "park", "Set one aside: it is kept, and counts as dead no more.", "/park", post: true));
        return command;
    }

    private static Command One(AdminOptions options, string name, string what, string suffix, bool post)
    {
        var seq = new Argument<long>("seq") { Description = "Its number, from gateway dlq list." };
        var command = new Command(name, what) { seq };
        options.Run(command, async (parsed, client, screen, cancellationToken) =>
        {
            var path = $"dlq/{parsed.GetValue(seq)}{suffix}";
            screen.Show(post ? await client.PostAsync(path, cancellationToken) : await client.GetAsync(path, cancellationToken));
            return ExitCodes.Done;
        });
        return command;
    }
}
