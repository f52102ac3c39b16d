using System.Text.Json;
using Gateway.Contracts.Values;

namespace Gateway.Execution.Providers;

/// <summary>
/// What the readers of all CLIs share: standard output is JSON, one object a line. A line that is no object, or too long,
/// is stored elsewhere and has no meaning here.
/// </summary>
/// <param name="clock">Gives events their time.</param>
internal abstract class EventLineReader(TimeProvider clock) : IAgentReader
{
    /// <summary>Longest line that is read; a longer one is only stored.</summary>
    public const int LongestLineBytes = 4 * 1024 * 1024;

    private readonly LineSplitter _lines = new(LongestLineBytes);
    private ICollection<AgentEvent> _events = [];

    /// <summary>The clock.</summary>
    protected TimeProvider Clock => clock;

    /// <inheritdoc/>
    public void Read(ReadOnlySpan<byte> bytes, ICollection<AgentEvent> events)
    {
        _events = events;
        _lines.Feed(bytes, Take);
    }

    /// <inheritdoc/>
    public void Complete(ICollection<AgentEvent> events)
    {
        _events = events;
        _lines.Complete(Take);
    }

    /// <inheritdoc/>
    public abstract AgentReport Report();

    /// <inheritdoc/>
    public virtual AgentReport Conclude(AgentReport report, AgentEnd end) => report;

    /// <summary>Takes one line.</summary>
    /// <param name="line">An object, valid during the call only.</param>
    /// <param name="endOffset">Where in the stream the text after the line begins.</param>
    protected abstract void Take(JsonElement line, long endOffset);

    /// <summary>Tells a caller what the agent does.</summary>
    /// <param name="phase">Phase of progress.</param>
    /// <param name="kind">Kind of event.</param>
    /// <param name="message">One of a fixed set of phrases: never a prompt, path, tool name or output.</param>
    /// <param name="endOffset">Of the line that says so.</param>
    protected void Tell(string phase, string kind, string message, long endOffset) => _events.Add(new AgentEvent
    {
        EndOffset = endOffset,
        At = clock.GetUtcNow(),
        Phase = phase,
        Kind = kind,
        Message = message,
        Source = "provider",
    });

    private void Take(ReadOnlyMemory<byte> line, long endOffset)
    {
        try
        {
            using var document = JsonLine.Parse(line);
            if (document is not null)
            {
                Take(document.RootElement, endOffset);
            }
        }
        catch (InvalidOperationException)
        {
            // A member's name that is no text: the line is stored, its meaning is nobody's.
        }
    }
}
