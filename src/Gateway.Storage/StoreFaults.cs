using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage;

/// <summary>Tells the faults of a database (gone, locked, full) from those of our own code.</summary>
internal static class StoreFaults
{
    /// <summary>True when the database itself failed.</summary>
    public static bool IsStoreFault(Exception problem) => problem switch
    {
        DbException => true,
        DbUpdateConcurrencyException => false,
        DbUpdateException { InnerException: { } inner } => IsStoreFault(inner),
        InvalidOperationException { InnerException: DbException } => true,
        IOException => true,
        _ => false,
    };
}
