namespace Gateway.Processes.Runner;

/// <summary>The runner could not be started or reached, speaks another protocol version, serves a newer worker, or refused a request.</summary>
public sealed class RunnerException : Exception
{
    /// <summary>Makes one with a text for an operator.</summary>
    public RunnerException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a text for an operator and its cause.</summary>
    public RunnerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
