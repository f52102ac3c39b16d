namespace Gateway.Cli.Terminal;

/// <summary>
/// The only way to the terminal beside <see cref="Screen"/>: a test sees that nothing else prints. Names, reasons and answers come from callers
/// and agents, so that none of them gets there with its control codes.
/// </summary>
internal static class Outlet
{
    /// <summary>A remark on stderr.</summary>
    public static Task ErrorAsync(string text) => Console.Error.WriteLineAsync(PlainText.Of(text));

    /// <summary>A piece of what an agent wrote, on stdout: as it was written where it is piped, as plain text at a terminal.</summary>
    public static Task PieceAsync(string text) => Console.Out.WriteAsync(Console.IsOutputRedirected ? text : PlainText.Of(text));
}
