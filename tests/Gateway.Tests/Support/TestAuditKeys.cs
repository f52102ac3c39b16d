using System.Security.Cryptography;
using System.Text;
using Gateway.Jobs.Audit;

namespace Gateway.Tests.Support;

/// <summary>Keys of the audit log that tests know.</summary>
internal static class TestAuditKeys
{
    /// <summary>Keys with these names; the first is in use.</summary>
    public static AuditKeys Of(params string[] ids) => new(() => [.. ids.Select(Key)]);

    public static AuditKey Key(string id) => new(id, SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
