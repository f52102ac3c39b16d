using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;

namespace Gateway.Storage.Limits;

/// <summary>
/// Makes the counted calls of one grant go one at a time, and those of a tenant or of all where a cap on waiting jobs is shared that
/// widely. Behind the gates nobody else changes what is decided by.
/// </summary>
internal static class Gates
{
    /// <summary>Goes through them, in the order of their keys so that nobody waits in a circle. The first thing that a transaction does.</summary>
    /// <param name="db">The context of the transaction.</param>
    /// <param name="provider">Which database: a file has one writer, whose turn is the gate.</param>
    /// <param name="judgement">What counts the call; without a limit that could refuse it there is no gate.</param>
    /// <param name="tenant">Tenant of the caller.</param>
    /// <param name="grant">Its grant value.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task EnterAsync(GatewayDb db, StorageProvider provider, Judgement? judgement, string tenant, string grant, CancellationToken cancellationToken)
    {
        var queued = judgement?.Caps.Where(cap => cap.Kind == JobCapKind.Queued).ToList() ?? [];
        if (!provider.IsServer || (queued.Count == 0 && judgement is not { Limits.Count: > 0 }))
        {
            return;
        }

        SortedSet<string> keys = new(StringComparer.Ordinal) { KeyOf(LimitScope.Grant, tenant, grant) };
        if (queued.Exists(cap => cap.Scope == LimitScope.Tenant))
        {
            keys.Add(KeyOf(LimitScope.Tenant, tenant));
        }

        if (queued.Exists(cap => cap.Scope == LimitScope.Global))
        {
            keys.Add(KeyOf(LimitScope.Global));
        }

        foreach (var key in keys)
        {
            await LimitStatements.For(db).EnterAsync(db, key, cancellationToken);
        }
    }

    private static string KeyOf(LimitScope scope, params ReadOnlySpan<string> values)
    {
        var text = new StringBuilder(scope.ToString());
        foreach (var value in values)
        {
            text.Append(CultureInfo.InvariantCulture, $" {value.Length}:{value}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
