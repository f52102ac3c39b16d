namespace Gateway.Nemesis.Faults;

/// <summary>A kind of fault.</summary>
/// <param name="Name">Its name in the counts.</param>
/// <param name="Act">Injects it and takes it back; says what it did.</param>
/// <param name="Overlaps">May begin while another one is on.</param>
internal sealed record Fault(string Name, Func<FaultContext, Task<string>> Act, bool Overlaps = true);
