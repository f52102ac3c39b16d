using System.Collections.Concurrent;
using Gateway.ModelStub.Messages;

namespace Gateway.ModelStub.Control;

/// <summary>Named gates at which scenarios wait, so that tests need no sleeps. A released gate stays open.</summary>
internal sealed class Gates
{
    private readonly ConcurrentDictionary<string, Gate> _gates = new(StringComparer.Ordinal);

    public async Task PassAsync(string name, CancellationToken cancellationToken)
    {
        var gate = _gates.GetOrAdd(name, _ => new Gate());
        gate.Reached.TrySetResult();
        await gate.Opened.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Waits at every gate that a prompt has for this step.</summary>
    public async Task PassAllAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        foreach (var gate in request.Directives.Where(d => d.Name == "gate" && d.Number(1, 0) == request.Step))
        {
            await PassAsync(gate.Arguments.Split(' ')[0], cancellationToken);
        }
    }

    public Task WaitUntilReachedAsync(string name, CancellationToken cancellationToken) =>
        _gates.GetOrAdd(name, _ => new Gate()).Reached.Task.WaitAsync(cancellationToken);

    public void Open(string name) => _gates.GetOrAdd(name, _ => new Gate()).Opened.TrySetResult();

    public void OpenAll()
    {
        foreach (var gate in _gates.Values)
        {
            gate.Opened.TrySetResult();
        }
    }

    private sealed class Gate
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
