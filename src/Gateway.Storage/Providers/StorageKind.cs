namespace Gateway.Storage.Providers;

/// <summary>The databases that jobs can be kept in.</summary>
internal enum StorageKind
{
    /// <summary>A file that belongs to one process alone.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server.</summary>
    PostgreSql,

    /// <summary>A Microsoft SQL Server.</summary>
    SqlServer,
}
