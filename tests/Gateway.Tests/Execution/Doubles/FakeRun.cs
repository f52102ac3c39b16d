using System.Text;
using Gateway.Processes.Runner;
using Gateway.Processes.Spool;

namespace Gateway.Tests.Execution.Doubles;

/// <summary>One run of a <see cref="FakeRunner"/>.</summary>
internal sealed class FakeRun
{
    private readonly Lock _gate = new();
    private RunState _state;

    public FakeRun(string folder, StartRun start)
    {
        Start = start;
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "stdout"), []);
        File.WriteAllBytes(Path.Combine(folder, "stderr"), []);
        _state = new RunState { Id = start.Id, StartedAt = DateTimeOffset.UnixEpoch };
        Spooled = new SpooledRun(folder, _state);
    }

    public StartRun Start { get; }

    public SpooledRun Spooled { get; }

    public bool Released { get; set; }

    public string Stdin => Encoding.UTF8.GetString(Start.Stdin.Span);

    public void Print(ReadOnlySpan<byte> bytes, SpoolStream stream = SpoolStream.Stdout)
    {
        lock (_gate)
        {
            using (var file = new FileStream(Path.Combine(Spooled.Directory, stream == SpoolStream.Stdout ? "stdout" : "stderr"), FileMode.Append))
            {
                file.Write(bytes);
            }

            _state = stream == SpoolStream.Stdout
                ? _state with { StdoutBytes = _state.StdoutBytes + bytes.Length }
                : _state with { StderrBytes = _state.StderrBytes + bytes.Length };
            Spooled.Update(_state);
        }
    }

    public void Answer(string text) => Print(Encoding.UTF8.GetBytes(
        $$"""{"type":"system","subtype":"init","model":"m"}{{"\n"}}{"type":"result","subtype":"success","is_error":false,"result":"{{text}}"}{{"\n"}}"""));

    public void End(RunEndReason reason = RunEndReason.Exited, int? exitCode = 0)
    {
        lock (_gate)
        {
            _state = _state with
            {
                End = new RunEnd
                {
                    Reason = reason,
                    ExitCode = exitCode,
                    StartedAt = DateTimeOffset.UnixEpoch,
                    EndedAt = DateTimeOffset.UnixEpoch,
                    StdoutBytes = _state.StdoutBytes,
                    StderrBytes = _state.StderrBytes,
                },
            };
            Spooled.Update(_state);
        }
    }
}
