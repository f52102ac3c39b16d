using Gateway.Jobs.Audit;

namespace Gateway.Api.Auth;

/// <summary>The file in which the keys of the audit log are kept, away from the database that they protect.</summary>
internal static class AuditKeyFile
{
    /// <summary>Name of the file in the data folder.</summary>
    public const string FileName = "audit-key";

    private static readonly SecretLines Lines = new("key of the audit log", "Audit:KeyFile", FileName, "nothing that is recorded can be verified any more");

    /// <summary>Opens the keys, and makes the file at the first start.</summary>
    /// <param name="named">The file that a setting names.</param>
    /// <param name="folder">The data folder.</param>
    /// <exception cref="InvalidOperationException">There is none, others can read it, or it holds no key.</exception>
    public static AuditKeys Open(string? named, string folder)
    {
        var path = named is { Length: > 0 } ? named : Path.Combine(folder, FileName);

        // Made at the start alone: a file that goes away later must not be followed by one that knows no record.
        Lines.Open(path, mayCreate: path != named);
        return new AuditKeys(() => [.. Lines.Open(path, mayCreate: false).Select(line => new AuditKey(line.Id, line.Secret))]);
    }
}
