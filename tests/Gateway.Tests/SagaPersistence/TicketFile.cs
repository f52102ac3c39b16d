using Microsoft.Data.Sqlite;

namespace Gateway.Tests.SagaPersistence;

/// <summary>A SQLite file that outlives the hosts on it.</summary>
internal sealed class TicketFile : IDisposable
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"saga-{Guid.NewGuid():N}.db");

    public string ConnectionString => new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 20 }.ToString();

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
