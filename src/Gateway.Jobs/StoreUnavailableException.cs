namespace Gateway.Jobs;

/// <summary>The store cannot be reached or cannot write (a full disk, a lock that is not given back). What was asked to be stored was not.</summary>
public sealed class StoreUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">For the log.</param>
    /// <param name="innerException">The cause.</param>
    public StoreUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
