using System.Data.Common;
using System.Security.Authentication;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage;

/// <summary>Tells the faults of a database (gone, locked, full) from those of our own code.</summary>
internal static class StoreFaults
{
    private const string Remedy = "(A server of another machine must prove who it is: name its authority with Storage:PostgreSql:CaFile, or say another SSL Mode in the connection string.)";

    /// <summary>True when the database itself failed.</summary>
    public static bool IsStoreFault(Exception problem) => problem is IOException || CauseOf(problem) is not null;

    /// <summary>What a database said, with its cause where that is TLS: the words of the driver leave out what is wrong with a certificate.</summary>
    public static string WordsOf(DbException said)
    {
        for (var cause = said.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException)
            {
                return $"{said.Message}: {cause.Message} {Remedy}";
            }
        }

        return said.Message.Contains("SSL", StringComparison.Ordinal) ? $"{said.Message} {Remedy}" : said.Message;
    }

    /// <summary>What the database said; null when it was not the database. EF wraps it, and what it takes for transient twice.</summary>
    public static DbException? CauseOf(Exception problem) => problem switch
    {
        DbException said => said,
        DbUpdateConcurrencyException => null,
        DbUpdateException { InnerException: { } inner } => CauseOf(inner),
        InvalidOperationException { InnerException: { } inner } => CauseOf(inner),
        _ => null,
    };
}
