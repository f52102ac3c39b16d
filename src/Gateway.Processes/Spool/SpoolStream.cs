namespace Gateway.Processes.Spool;

/// <summary>The two byte streams that a run leaves in the spool.</summary>
public enum SpoolStream
{
    /// <summary>Standard output.</summary>
    Stdout,

    /// <summary>Standard error.</summary>
    Stderr,
}
