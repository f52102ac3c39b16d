using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Gateway.EndToEndTests.Support;

/// <summary>The database of a gateway, only read, and without the code under test.</summary>
internal sealed class JobStore(Func<DbConnection> connect)
{
    private const int TranscriptStream = 3;

    /// <summary>A SQLite file.</summary>
    public static JobStore OfFile(string file) =>
        new(() => new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString));

    public IReadOnlyList<JobRow> Jobs() => Read(
        "SELECT \"JobId\", \"Version\", \"CurrentState\", \"Attempt\", \"CountedAttempts\", \"MaxAttempts\", \"FailureKind\", \"CostUsd\", \"CreatedAtMs\", \"FinishedAtMs\", \"DurationMs\" FROM \"Jobs\"",
        r => new JobRow(
            r.GetGuid(0), r.GetInt32(1), r.GetString(2), r.GetInt32(3), r.GetInt32(4), r.GetInt32(5), Text(r, 6),
            r.IsDBNull(7) ? null : Convert.ToDecimal(r.GetValue(7), CultureInfo.InvariantCulture), r.GetInt64(8), Number(r, 9), Number(r, 10)));

    public JobRow Job(Guid id) => Jobs().Single(j => j.Id == id);

    /// <summary>Counters of policies: tool, name, and what they stand at.</summary>
    public IReadOnlyList<(string Tool, string Counter, decimal Used)> Counters() =>
        Read("SELECT \"Tool\", \"Counter\", \"UsedMicros\" FROM \"Counters\" ORDER BY \"Tool\", \"Counter\"", r => (r.GetString(0), r.GetString(1), r.GetInt64(2) / 1_000_000m));

    /// <summary>Records of calls of a tool: decision, and the whole record as JSON.</summary>
    public IReadOnlyList<(string Decision, string Record)> Records(string tool) =>
        [.. Read("SELECT \"Tool\", \"Decision\", \"Record\" FROM \"Audit\" ORDER BY \"AuditId\"", r => (Tool: Text(r, 0), Decision: r.GetString(1), Record: r.GetString(2))).Where(r => r.Tool == tool).Select(r => (r.Decision, r.Record))];

    /// <summary>Ended attempts: number, failure and end.</summary>
    public IReadOnlyList<(Guid JobId, int Attempt, string? FailureKind, string StreamsJson)> Attempts() =>
        Read("SELECT \"JobId\", \"Attempt\", \"FailureKind\", \"StreamsJson\" FROM \"Attempts\" ORDER BY \"JobId\", \"Attempt\"", r => (r.GetGuid(0), r.GetInt32(1), Text(r, 2), r.GetString(3)));

    public IReadOnlyList<(Guid JobId, int Attempt, long UntilMs, bool Lost)> Leases() =>
        Read("SELECT \"JobId\", \"Attempt\", \"UntilMs\", \"Lost\" FROM \"RunLeases\"", r => (r.GetGuid(0), r.GetInt32(1), r.GetInt64(2), r.GetBoolean(3)));

    /// <summary>Records of the audit log.</summary>
    public IReadOnlyList<(string Method, string Decision, Guid? JobId, string Record)> Audit() =>
        Read("SELECT \"Method\", \"Decision\", \"JobId\", \"Record\" FROM \"Audit\" ORDER BY \"AuditId\"", r => (r.GetString(0), r.GetString(1), r.IsDBNull(2) ? (Guid?)null : r.GetGuid(2), r.GetString(3)));

    public long Count(string table) => Read($"SELECT COUNT(*) FROM \"{table}\"", r => r.GetInt64(0))[0];

    /// <summary>Rows of every table that a submit writes.</summary>
    public long Rows() => Count("Jobs") + Count("Requests") + Count("Outbox") + Count("Progress") + Count("Events") + Count("IdempotencyKeys");

    /// <summary>What the outbox holds, in words.</summary>
    public IReadOnlyList<string> Outbox() => Read("SELECT \"MessageType\", \"DueMs\", \"DeadReason\" FROM \"Outbox\"", r => $"{r.GetString(0)} due {r.GetInt64(1)} {Text(r, 2)}");

    /// <summary>Length and SHA-256 of a stored stream; its pieces must lie end to end.</summary>
    public (long Length, string Sha256) Stream(Guid jobId, int attempt, int stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = Pieces(jobId, attempt, stream).Sum(piece =>
        {
            hash.AppendData(piece);
            return (long)piece.Length;
        });
        return (length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The stored conversation of an attempt.</summary>
    public string Transcript(Guid jobId, int attempt) => Encoding.UTF8.GetString([.. Pieces(jobId, attempt, TranscriptStream).SelectMany(piece => piece)]);

    private IEnumerable<byte[]> Pieces(Guid jobId, int attempt, int stream)
    {
        var at = 0L;
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT \"Offset\", \"Bytes\" FROM \"OutputChunks\" WHERE \"JobId\" = @job AND \"Attempt\" = @attempt AND \"Stream\" = @stream ORDER BY \"Offset\"";
        Add(command, "job", jobId);
        Add(command, "attempt", attempt);
        Add(command, "stream", stream);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (reader.GetInt64(0) != at)
            {
                throw new InvalidOperationException($"The pieces of {jobId}/{attempt} have a gap at {at}.");
            }

            var bytes = (byte[])reader[1];
            at += bytes.Length;
            yield return bytes;
        }
    }

    private static string? Text(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static long? Number(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }

    private DbConnection Open()
    {
        var connection = connect();
        connection.Open();
        return connection;
    }

    private List<T> Read<T>(string statement, Func<DbDataReader, T> row)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        using var reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }
}
