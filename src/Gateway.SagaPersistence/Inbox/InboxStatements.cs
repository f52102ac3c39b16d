using System.Data.Common;
using System.Runtime.CompilerServices;
using Gateway.SagaPersistence.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Gateway.SagaPersistence.Inbox;

/// <summary>The two statements that every consumed message needs, written once per model. Raw, because EF has no insert-if-absent
/// and because a query pipeline for each would be most of the message's cost.</summary>
internal sealed class InboxStatements
{
    private static readonly ConditionalWeakTable<IModel, InboxStatements> Cache = [];
    private readonly string insert;
    private readonly string delete;

    private InboxStatements(DbContext db)
    {
        var sql = db.GetService<ISqlGenerationHelper>();
        var (table, column) = Names<InboxRow>(db, sql);
        var columns = $"{column(nameof(InboxRow.MessageId))}, {column(nameof(InboxRow.ConsumerId))}, {column(nameof(InboxRow.ReceivedMs))}";
        insert = db.Database.ProviderName?.EndsWith("SqlServer", StringComparison.Ordinal) == true
            ? $"INSERT INTO {table} ({columns}) SELECT @m, @c, @t WHERE NOT EXISTS (SELECT 1 FROM {table} WITH (UPDLOCK, HOLDLOCK) "
                + $"WHERE {column(nameof(InboxRow.MessageId))} = @m AND {column(nameof(InboxRow.ConsumerId))} = @c)"
            : $"INSERT INTO {table} ({columns}) VALUES (@m, @c, @t) ON CONFLICT DO NOTHING";
        var (outbox, outboxColumn) = Names<OutboxRow>(db, sql);
        delete = $"DELETE FROM {outbox} WHERE {outboxColumn(nameof(OutboxRow.Seq))} = @s";
    }

    /// <summary>What is said, for a database that can only be asked whether it would understand.</summary>
    internal IEnumerable<string> All => [insert, delete];

    public static InboxStatements For(DbContext db) => Cache.GetValue(db.Model, _ => new InboxStatements(db));

    /// <summary>False when this consumer has had this message.</summary>
    public async Task<bool> TryInsertAsync(DbContext db, Guid messageId, Guid consumerId, long receivedMs, CancellationToken cancellationToken)
    {
        await using var command = Command(db, insert);
        Add(command, "@m", messageId);
        Add(command, "@c", consumerId);
        Add(command, "@t", receivedMs);
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    public async Task DeleteOutboxRowAsync(DbContext db, long seq, CancellationToken cancellationToken)
    {
        await using var command = Command(db, delete);
        Add(command, "@s", seq);
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

    private static (string Table, Func<string, string> Column) Names<TRow>(DbContext db, ISqlGenerationHelper sql)
    {
        var type = db.Model.FindEntityType(typeof(TRow))
            ?? throw new InvalidOperationException($"{db.GetType().Name} has no {typeof(TRow).Name}: call modelBuilder.AddOutboxAndInbox() in OnModelCreating.");
        var table = StoreObjectIdentifier.Table(type.GetTableName()!, type.GetSchema());
        return (sql.DelimitIdentifier(table.Name, table.Schema), property => sql.DelimitIdentifier(type.GetProperty(property).GetColumnName(table)!));
    }
}
