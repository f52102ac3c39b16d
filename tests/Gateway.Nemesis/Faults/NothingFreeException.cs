namespace Gateway.Nemesis.Faults;

/// <summary>Every process that a fault could pick is another fault's.</summary>
internal sealed class NothingFreeException() : Exception("each process that it could have picked is under another fault");
