using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Providers.SqlServer;

/// <summary>The tables in SQL Server.</summary>
public sealed class SqlServerGatewayDb(DbContextOptions<SqlServerGatewayDb> options) : GatewayDb(options)
{
    // By code point, as the other databases compare: a server's default would take "Key" for "key".
    private const string Ordinal = "Latin1_General_100_BIN2";

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(type => type.GetProperties()).Where(property => property.ClrType == typeof(string)))
        {
            property.SetCollation(Ordinal);
        }

        // A clustered key takes 900 bytes, and this one may be longer.
        modelBuilder.Entity<IdempotencyKeyRow>().HasKey(key => new { key.Tenant, key.Grant, key.Key }).IsClustered(false);
    }
}
