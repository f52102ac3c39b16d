using System.Data.Common;
using System.Runtime.CompilerServices;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Gateway.Storage.Limits;

/// <summary>
/// What every counted call says to the database, written once per model. Raw, because EF has no insert-or-update, and because each
/// has to be one statement: between two of them another process could count.
/// </summary>
internal sealed class LimitStatements
{
    private static readonly ConditionalWeakTable<IModel, LimitStatements> Cache = [];
    private readonly string add;
    private readonly string read;
    private readonly string enter;

    private LimitStatements(DbContext db)
    {
        var sql = db.GetService<ISqlGenerationHelper>();
        string Name(string name) => sql.DelimitIdentifier(name);
        var (counters, gates, key, used, taken) = (Name("Counters"), Name("Gates"), Name(nameof(CounterRow.Key)), Name(nameof(CounterRow.UsedMicros)), Name(nameof(GateRow.Taken)));
        var columns = string.Join(", ", key, Name(nameof(CounterRow.Tool)), Name(nameof(CounterRow.Counter)), Name(nameof(CounterRow.WindowStartMs)), Name(nameof(CounterRow.WindowEndMs)), used);
        if (db.Database.ProviderName?.EndsWith("SqlServer", StringComparison.Ordinal) == true)
        {
            // HOLDLOCK: without it two sessions could both find no row, and one of them would fail.
            add = $"MERGE INTO {counters} WITH (HOLDLOCK) AS c USING (SELECT @k AS k) AS n ON c.{key} = n.k "
                + $"WHEN MATCHED AND c.{used} + @a <= @m THEN UPDATE SET {used} = c.{used} + @a "
                + $"WHEN NOT MATCHED THEN INSERT ({columns}) VALUES (@k, @t, @c, @s, @e, @a) OUTPUT inserted.{used};";
            enter = $"MERGE INTO {gates} WITH (HOLDLOCK) AS g USING (SELECT @k AS k) AS n ON g.{key} = n.k "
                + $"WHEN MATCHED THEN UPDATE SET {taken} = g.{taken} + 1 WHEN NOT MATCHED THEN INSERT ({key}, {taken}) VALUES (@k, 1);";
        }
        else
        {
            add = $"INSERT INTO {counters} ({columns}) VALUES (@k, @t, @c, @s, @e, @a) ON CONFLICT ({key}) "
                + $"DO UPDATE SET {used} = {counters}.{used} + @a WHERE {counters}.{used} + @a <= @m RETURNING {used}";
            enter = $"INSERT INTO {gates} ({key}, {taken}) VALUES (@k, 1) ON CONFLICT ({key}) DO UPDATE SET {taken} = {gates}.{taken} + 1";
        }

        read = $"SELECT {used} FROM {counters} WHERE {key} = @k";
    }

    /// <summary>What is said, for a database that can only be asked whether it would understand.</summary>
    internal IEnumerable<string> All => [add, read, enter];

    public static LimitStatements For(DbContext db) => Cache.GetValue(db.Model, _ => new LimitStatements(db));

    /// <summary>Adds to a counter; null when it would then stand above the most, and was left as it is.</summary>
    public async Task<long?> TryAddAsync(DbContext db, CounterRow row, long mostMicros, CancellationToken cancellationToken)
    {
        await using var command = Command(db, add);
        Add(command, "@k", row.Key);
        Add(command, "@t", row.Tool);
        Add(command, "@c", row.Counter);
        Add(command, "@s", row.WindowStartMs);
        Add(command, "@e", row.WindowEndMs);
        Add(command, "@a", row.UsedMicros);
        Add(command, "@m", mostMicros);
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }

    /// <summary>What a counter stands at.</summary>
    public async Task<long> ReadAsync(DbContext db, string key, CancellationToken cancellationToken)
    {
        await using var command = Command(db, read);
        Add(command, "@k", key);
        return await command.ExecuteScalarAsync(cancellationToken) as long? ?? 0;
    }

    /// <summary>Goes through a gate: whoever comes after waits until this transaction has ended.</summary>
    public async Task EnterAsync(DbContext db, string key, CancellationToken cancellationToken)
    {
        await using var command = Command(db, enter);
        Add(command, "@k", key);
        await command.ExecuteNonQueryAsync(cancellationToken);
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
