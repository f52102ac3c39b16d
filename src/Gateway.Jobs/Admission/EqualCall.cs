namespace Gateway.Jobs.Admission;

/// <summary>By what a job is found again when its caller asks for the same thing once more.</summary>
/// <param name="Hash">SHA-256 over all that the run is given, lower-case hex: CLI, its arguments, prompt, directory and credential.</param>
/// <param name="ExpiresAtMs">Unix milliseconds until which an equal call is given this job.</param>
public sealed record EqualCall(string Hash, long ExpiresAtMs);
