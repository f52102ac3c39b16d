using System.Diagnostics.CodeAnalysis;

namespace Gateway.Jobs;

/// <summary>The public text of a job's id: <c>job_</c> and 26 characters of <c>a-z2-7</c> (base32 of 16 random bytes, no padding).</summary>
public static class JobIdText
{
    private const string Prefix = "job_";

    /// <summary>A new id of 16 random bytes: unguessable, without order and without time.</summary>
    public static Guid NewId() => IdText.NewId();

    /// <summary>The public text of an id.</summary>
    /// <param name="jobId">The id.</param>
    public static string Format(Guid jobId) => IdText.Format(Prefix, jobId);

    /// <summary>Reads the public text; false for any other text, which is then simply an unknown job.</summary>
    /// <param name="text">Text from a caller.</param>
    /// <param name="jobId">The id.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out Guid jobId) => IdText.TryParse(Prefix, text, out jobId);
}
