using Gateway.Contracts.Values;

namespace Gateway.Execution.Providers;

/// <summary>
/// Reads the standard output of one run, in any pieces. Memory is bounded whatever is written. Not thread-safe.
/// </summary>
public interface IAgentReader
{
    /// <summary>Takes the next bytes.</summary>
    /// <param name="bytes">Directly after those of the call before.</param>
    /// <param name="events">Receives what a caller may see; never a prompt, path, tool name or output.</param>
    void Read(ReadOnlySpan<byte> bytes, ICollection<AgentEvent> events);

    /// <summary>Says that nothing follows: a last line without a line end counts too.</summary>
    /// <param name="events">As in <see cref="Read"/>.</param>
    void Complete(ICollection<AgentEvent> events);

    /// <summary>What was learnt so far. Final after <see cref="Complete"/> and the end of the process.</summary>
    AgentReport Report();

    /// <summary>Completes a report by how the process ended, for a CLI that does not say all of it on standard output.</summary>
    /// <param name="report">From <see cref="Report"/>, after <see cref="Complete"/>.</param>
    /// <param name="end">How the process ended.</param>
    /// <returns>The report itself where nothing is to be added. Its answer must stay: it is on its way already.</returns>
    AgentReport Conclude(AgentReport report, AgentEnd end) => report;
}
