namespace Gateway.Jobs.Reading;

/// <summary>A credential that rests until a usage limit ends.</summary>
/// <param name="Cli">The CLI that met the limit.</param>
/// <param name="Credential">Its name.</param>
/// <param name="Until">When it is tried again.</param>
/// <param name="ResetsAt">When the limit ends, as the provider said; null when it said nothing.</param>
public sealed record RestingCredential(string Cli, string Credential, DateTimeOffset Until, DateTimeOffset? ResetsAt);
