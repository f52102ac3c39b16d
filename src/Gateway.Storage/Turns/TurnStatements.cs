using System.Data.Common;
using System.Runtime.CompilerServices;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Gateway.Storage.Turns;

/// <summary>How a turn is taken: one statement, because between two of them another process could take it.</summary>
internal sealed class TurnStatements
{
    private static readonly ConditionalWeakTable<IModel, TurnStatements> Cache = [];
    private readonly string take;

    private TurnStatements(DbContext db)
    {
        var sql = db.GetService<ISqlGenerationHelper>();
        var (turns, key, job) = (sql.DelimitIdentifier("Turns"), sql.DelimitIdentifier(nameof(TurnRow.Key)), sql.DelimitIdentifier(nameof(TurnRow.JobId)));
        take = db.Database.ProviderName?.EndsWith("SqlServer", StringComparison.Ordinal) == true
            ? $"MERGE INTO {turns} WITH (HOLDLOCK) AS t USING (SELECT @k AS k) AS n ON t.{key} = n.k "
                + $"WHEN MATCHED THEN UPDATE SET {job} = t.{job} WHEN NOT MATCHED THEN INSERT ({key}, {job}) VALUES (@k, @j) OUTPUT inserted.{job};"
            : $"INSERT INTO {turns} ({key}, {job}) VALUES (@k, @j) ON CONFLICT ({key}) DO UPDATE SET {job} = {turns}.{job} RETURNING {job}";
    }

    /// <summary>What is said, for a database that can only be asked whether it would understand.</summary>
    internal IEnumerable<string> All => [take];

    public static TurnStatements For(DbContext db) => Cache.GetValue(db.Model, _ => new TurnStatements(db));

    /// <summary>Takes the turn if nobody has it. Until the transaction ends nobody else takes it or gives it back.</summary>
    /// <returns>The job whose turn it is.</returns>
    public async Task<Guid> TakeAsync(DbContext db, string key, Guid jobId, CancellationToken cancellationToken)
    {
        await using var command = Command(db, take);
        Add(command, "@k", key);
        Add(command, "@j", jobId);
        return await command.ExecuteScalarAsync(cancellationToken) switch
        {
            Guid holder => holder,
            string text => Guid.Parse(text),
            var other => throw new InvalidOperationException($"A turn was answered with {other?.GetType().Name ?? "nothing"}."),
        };
    }

#pragma warning disable CA2100 // The text is made of table and column names of the model; every value is a parameter.
    private static DbCommand Command(DbContext db, string text)
    {
        var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = text;
        command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
        return command;
    }
#pragma warning restore CA2100

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}
