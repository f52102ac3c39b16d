namespace Gateway.Execution.Providers.Codex;

/// <summary>Whether an answer fits the schema that its caller gave.</summary>
internal enum OutputFit
{
    /// <summary>It does.</summary>
    Fits,

    /// <summary>It is JSON, and does not.</summary>
    Differs,

    /// <summary>It is no JSON object.</summary>
    NoObject,

    /// <summary>The schema cannot be followed, or not within the steps that a check may take.</summary>
    TooComplex,
}
