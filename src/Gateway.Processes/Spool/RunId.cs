using System.Globalization;

namespace Gateway.Processes.Spool;

/// <summary>Names one start of a program for a job: the fencing token of its spool folder and of every message about it.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Attempt">Number of the attempt, from 1.</param>
public readonly record struct RunId(Guid JobId, int Attempt)
{
    /// <summary>Value of <c>GATEWAY_RUN</c> in the environment of every process of the run: <c>JOBID/ATTEMPT</c>.</summary>
    public string EnvironmentValue => string.Create(CultureInfo.InvariantCulture, $"{JobId:D}/{Attempt}");

    /// <summary>Name of the run's folder in the spool: <c>JOBID-ATTEMPT</c>.</summary>
    public string FolderName => string.Create(CultureInfo.InvariantCulture, $"{JobId:N}-{Attempt}");

    /// <inheritdoc/>
    public override string ToString() => EnvironmentValue;

    internal static bool TryParseFolderName(string name, out RunId id)
    {
        id = default;
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0
            || !Guid.TryParseExact(name[..dash], "N", out var job)
            || !int.TryParse(name[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var attempt))
        {
            return false;
        }

        id = new RunId(job, attempt);
        return true;
    }
}
