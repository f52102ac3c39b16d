using Gateway.Tests.SagaPersistence;
using Gateway.Tests.Support;

namespace Gateway.ConformanceTests.Support;

/// <summary>The databases that every suite runs against; a suite's subclass names one.</summary>
public enum Databases
{
    Sqlite,
    PostgreSql,
}

internal static class DatabasesExtensions
{
    public static ITestStore NewStore(this Databases database) => database == Databases.PostgreSql ? new PostgreSqlStore() : new TestFolder();

    public static ITicketStore NewTicketStore(this Databases database) => database == Databases.PostgreSql ? new PostgreSqlStore(withTables: false) : new TicketFile();
}
