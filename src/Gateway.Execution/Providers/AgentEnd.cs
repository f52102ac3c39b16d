namespace Gateway.Execution.Providers;

/// <summary>How the process of a run ended, for a CLI that says a part of its outcome by exit code and stderr.</summary>
/// <param name="exitCode">Exit code; null when nobody saw the end.</param>
/// <param name="openStderr">Opens what the run wrote to stderr.</param>
public sealed class AgentEnd(int? exitCode, Func<Stream> openStderr)
{
    /// <summary>Most bytes of stderr that are read, from its end.</summary>
    public const int TailBytes = 16 * 1024;

    /// <summary>Exit code of the program, 128 + n for signal n; null when nobody saw its end.</summary>
    public int? ExitCode => exitCode;

    /// <summary>The end of stderr, at most <see cref="TailBytes"/>. For recognising what happened: never to be passed on, since a CLI repeats texts of servers there.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public ReadOnlyMemory<byte> StderrTail()
    {
        using var stderr = openStderr();
        stderr.Position = Math.Max(0, stderr.Length - TailBytes);
        var tail = new byte[Math.Min(stderr.Length, TailBytes)];
        return tail.AsMemory(0, stderr.ReadAtLeast(tail, tail.Length, throwOnEndOfStream: false));
    }
}
