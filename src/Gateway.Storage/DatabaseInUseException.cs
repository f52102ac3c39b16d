namespace Gateway.Storage;

/// <summary>The database file belongs to another process: an embedded database is for one process alone.</summary>
public sealed class DatabaseInUseException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What to do.</param>
    /// <param name="innerException">The cause.</param>
    public DatabaseInUseException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
