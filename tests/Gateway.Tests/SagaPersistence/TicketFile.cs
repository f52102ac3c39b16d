using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Tests.SagaPersistence;

/// <summary>A SQLite file that outlives the hosts on it.</summary>
internal sealed class TicketFile : ITicketStore
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"saga-{Guid.NewGuid():N}.db");

    private string ConnectionString => new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 20 }.ToString();

    public void Use(DbContextOptionsBuilder options) => options.UseSqlite(ConnectionString);

    public void Create(DbContext db)
    {
        db.Database.EnsureCreated();
        db.Database.ExecuteSqlRaw("PRAGMA journal_mode=WAL");
    }

    public void Dispose()
    {
        using (var connection = new SqliteConnection(ConnectionString))
        {
            SqliteConnection.ClearPool(connection);
        }

        foreach (var suffix in new[] { "", "-wal", "-shm" })
        {
            File.Delete(path + suffix);
        }
    }
}
