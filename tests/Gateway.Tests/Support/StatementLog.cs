using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Gateway.Tests.Support;

/// <summary>What one flow of calls says to a store, in order and with the types of its parameters. What the host says beside it is left out.</summary>
internal sealed class StatementLog : DbCommandInterceptor
{
    private readonly AsyncLocal<List<string>?> taken = new();

    /// <summary>Does the work; its answer, and what it said.</summary>
    public async Task<(T Answer, IReadOnlyList<string> Statements)> OfAsync<T>(Func<Task<T>> work)
    {
        List<string> statements = [];
        taken.Value = statements;
        return (await work(), statements);
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) => ValueTask.FromResult(Take(command, result));

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) => ValueTask.FromResult(Take(command, result));

    public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default) => ValueTask.FromResult(Take(command, result));

    public override InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result) => Take(command, result);

    public override InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result) => Take(command, result);

    public override InterceptionResult<object> ScalarExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<object> result) => Take(command, result);

    private T Take<T>(DbCommand command, T result)
    {
        if (taken.Value is { } statements)
        {
            lock (statements)
            {
                statements.Add($"{command.CommandText} ({string.Join(", ", command.Parameters.Cast<DbParameter>().Select(p => $"{p.ParameterName} {p.DbType}"))})");
            }
        }

        return result;
    }
}
