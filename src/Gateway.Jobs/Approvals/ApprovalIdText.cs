using System.Diagnostics.CodeAnalysis;

namespace Gateway.Jobs.Approvals;

/// <summary>The public text of an approval's id: <c>apr_</c> and 26 characters of <c>a-z2-7</c> (base32 of 16 random bytes, no padding).</summary>
public static class ApprovalIdText
{
    private const string Prefix = "apr_";

    /// <summary>A new id of 16 random bytes: unguessable, without order and without time.</summary>
    public static Guid NewId() => IdText.NewId();

    /// <summary>The public text of an id.</summary>
    /// <param name="approvalId">The id.</param>
    public static string Format(Guid approvalId) => IdText.Format(Prefix, approvalId);

    /// <summary>Reads the public text; false for any other text, which is then simply an unknown request.</summary>
    /// <param name="text">Text from a caller.</param>
    /// <param name="approvalId">The id.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out Guid approvalId) => IdText.TryParse(Prefix, text, out approvalId);
}
