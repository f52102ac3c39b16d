using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage;

/// <summary>Tells the faults of a database (gone, locked, full) from those of our own code.</summary>
internal static class StoreFaults
{
    /// <summary>True when the database itself failed.</summary>
    public static bool IsStoreFault(Exception problem) => problem is IOException || CauseOf(problem) is not null;

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
