using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Gateway.Storage.Providers.SqlServer;
using Gateway.Tests.Support;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.ConformanceTests.Support;

/// <summary>
/// A SQL Server that is not there: connections open, transactions commit, statements answer what the next step needs, and
/// nothing leaves the process. What the product said is kept.
/// </summary>
internal sealed class SilentSqlServer : DbCommandInterceptor, IDbConnectionInterceptor, IDbTransactionInterceptor, ITestStore
{
    public ConcurrentQueue<string> Statements { get; } = new();

    public IEnumerable<KeyValuePair<string, string?>> Settings =>
        [new("Storage:Provider", "SqlServer"), new("Storage:SqlServer:ConnectionString", "Server=nowhere;Database=gateway;User ID=gateway;Password=hush")];

    /// <summary>Answers for statements that hold these words; the first that fits is given.</summary>
    public List<(string Words, Func<DataTable> Answer)> Answers { get; } = [];

    public void Intercept(IServiceCollection services, IInterceptor interceptor) =>
        services.ConfigureDbContext<SqlServerGatewayDb>(options => options.AddInterceptors(interceptor));

    public void Dispose()
    {
    }

    public InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) => InterceptionResult.Suppress();

    public ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(InterceptionResult.Suppress());

    public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(InterceptionResult<DbTransaction>.SuppressWithResult(new SilentTransaction(connection)));

    // The driver's own command takes no transaction but the driver's.
    public override InterceptionResult<DbCommand> CommandCreating(CommandCorrelatedEventData eventData, InterceptionResult<DbCommand> result) =>
        InterceptionResult<DbCommand>.SuppressWithResult(new SilentCommand());

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Statements.Enqueue(command.CommandText);
        var answer = Answers.FirstOrDefault(a => command.CommandText.Contains(a.Words, StringComparison.Ordinal)).Answer?.Invoke() ?? new DataTable();
        return ValueTask.FromResult(InterceptionResult<DbDataReader>.SuppressWithResult(answer.CreateDataReader()));
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Statements.Enqueue(command.CommandText);
        return ValueTask.FromResult(InterceptionResult<int>.SuppressWithResult(1));
    }

    public static DataTable Row(params (string Name, object Value)[] columns)
    {
        var table = new DataTable();
        foreach (var (name, value) in columns)
        {
            table.Columns.Add(name, value.GetType());
        }

        table.Rows.Add([.. columns.Select(column => column.Value)]);
        return table;
    }

    private sealed class SilentTransaction(DbConnection connection) : DbTransaction
    {
        public override IsolationLevel IsolationLevel => IsolationLevel.ReadCommitted;

        public override bool SupportsSavepoints => true;

        protected override DbConnection DbConnection => connection;

        public override void Commit()
        {
        }

        public override void Rollback()
        {
        }

        public override void Save(string savepointName)
        {
        }

        public override void Rollback(string savepointName)
        {
        }

        public override void Release(string savepointName)
        {
        }
    }

    private sealed class SilentCommand : DbCommand
    {
        private readonly SqlCommand parameters = new();

        [AllowNull]
        public override string CommandText { get; set; } = "";

        public override int CommandTimeout { get; set; }

        public override CommandType CommandType { get; set; }

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        protected override DbConnection? DbConnection { get; set; }

        protected override DbTransaction? DbTransaction { get; set; }

        protected override DbParameterCollection DbParameterCollection => parameters.Parameters;

        public override void Cancel()
        {
        }

        public override int ExecuteNonQuery() => throw new NotSupportedException();

        public override object ExecuteScalar() => throw new NotSupportedException();

        public override void Prepare()
        {
        }

        protected override DbParameter CreateDbParameter() => new SqlParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                parameters.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
