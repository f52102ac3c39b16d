using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>No process ever had more resident memory than is stated for its kind.</summary>
internal sealed class MemoryIsBounded() : Check("I10 memory within its bound")
{
    protected override IEnumerable<string?> Look(RunHistory history) =>
        from peak in history.Memory
        select Unless(peak.Bytes <= peak.BoundBytes, $"{peak.Process} had {peak.Bytes >> 20} MiB, bound {peak.BoundBytes >> 20} MiB");
}
