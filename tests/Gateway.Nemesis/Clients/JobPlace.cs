namespace Gateway.Nemesis.Clients;

/// <summary>Where the agent of one job leaves its traces.</summary>
/// <param name="Log">The agents' log.</param>
/// <param name="Number">A word that no other job has.</param>
/// <param name="Copy">File of a copy of stdout, without the attempt at its end.</param>
internal sealed record JobPlace(string Log, string Number, string Copy);
