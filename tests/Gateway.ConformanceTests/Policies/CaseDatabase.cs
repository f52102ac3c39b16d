using Gateway.ConformanceTests.Support;
using Gateway.Tests.Support;

namespace Gateway.ConformanceTests.Policies;

/// <summary>A database whose clock a case sets: the product asks it for the time in its own words, and believes it.</summary>
internal sealed class CaseDatabase : IDisposable
{
    private readonly PostgreSqlStore? server;

    public CaseDatabase(Databases database)
    {
        Store = database.NewStore();
        server = Store as PostgreSqlStore;
        if (server is null)
        {
            return;
        }

        // Found before the server's own function of that name, in every session of this database that begins from now on.
        Run("CREATE SCHEMA case_clock");
        Run("CREATE TABLE case_clock.now (at timestamptz NOT NULL)");
        Run("INSERT INTO case_clock.now VALUES (pg_catalog.clock_timestamp())");
        Run("CREATE FUNCTION case_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT at FROM case_clock.now'");
        Run("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, case_clock, pg_catalog', current_database()); END $$");
        Npgsql.NpgsqlConnection.ClearAllPools();
    }

    public ITestStore Store { get; }

    /// <summary>The clock of a file is that of its process.</summary>
    public void Set(DateTimeOffset now)
    {
        if (server is not null)
        {
            Run($"UPDATE case_clock.now SET at = to_timestamp({now.ToUnixTimeMilliseconds()}::numeric / 1000)");
        }
    }

    public void Dispose() => Store.Dispose();

    private void Run(string statement) => PostgreSqlServer.Run(statement, server?.ConnectionString);
}
