namespace Gateway.Nemesis.Checks;

/// <summary>What a check found: how much it looked at, and what broke the promise.</summary>
internal sealed record Finding(string Check, int Examined, IReadOnlyList<string> Violations);
