using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Nemesis.History;
using Npgsql;

namespace Gateway.Nemesis.House;

/// <summary>The gateway's database, only read, past every proxy and without the code under test.</summary>
internal sealed class Database(string connectionString)
{
    private static readonly string[] StreamNames = ["stdout", "stderr", "answer", "transcript"];

    private readonly string _connection = new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 4, Timeout = 5, CommandTimeout = 20, ApplicationName = "nemesis" }.ConnectionString;

    public Task<List<JobRow>> JobsAsync(CancellationToken cancellationToken) => ReadAsync(
        """SELECT "JobId", "Version", "CurrentState", "Attempt", "CountedAttempts", "MaxAttempts", "FailureKind", "CostUsd", "CreatedAtMs", "FinishedAtMs", "DurationMs", "IdempotencyKey", "ExitCode" FROM "Jobs" """,
        r => new JobRow
        {
            Id = r.GetGuid(0),
            Version = r.GetInt32(1),
            State = r.GetString(2),
            Attempt = r.GetInt32(3),
            CountedAttempts = r.GetInt32(4),
            MaxAttempts = r.GetInt32(5),
            FailureKind = Text(r, 6),
            CostUsd = Decimal(r, 7),
            CreatedAtMs = r.GetInt64(8),
            FinishedAtMs = Number(r, 9),
            DurationMs = Number(r, 10),
            Key = Text(r, 11),
            ExitCode = r.IsDBNull(12) ? null : r.GetInt32(12),
        },
        cancellationToken);

    /// <summary>Every ended attempt, with the hashes of what is stored of it.</summary>
    public async Task<List<AttemptRow>> AttemptsAsync(Func<Guid, int, string?> agentsOwnHash, CancellationToken cancellationToken)
    {
        var stored = await StreamsAsync(cancellationToken);
        return await ReadAsync(
            """SELECT "JobId", "Attempt", "FailureKind", "ExitCode", "CostUsd", "DurationMs", "OutputTruncated", "StreamsJson" FROM "Attempts" ORDER BY 1, 2""",
            r =>
            {
                var (job, attempt) = (r.GetGuid(0), r.GetInt32(1));
                return new AttemptRow
                {
                    JobId = job,
                    Attempt = attempt,
                    FailureKind = Text(r, 2),
                    ExitCode = r.IsDBNull(3) ? null : r.GetInt32(3),
                    CostUsd = Decimal(r, 4),
                    DurationMs = Number(r, 5),
                    OutputTruncated = r.GetBoolean(6),
                    Streams = [.. JsonElement.Parse(r.GetString(7)).EnumerateArray().Select(s => Figures(s, job, attempt, stored, agentsOwnHash))],
                };
            },
            cancellationToken);
    }

    public Task<List<string>> OutboxAsync(CancellationToken cancellationToken) =>
        ReadAsync("""SELECT "MessageType", "DeadReason" FROM "Outbox" ORDER BY "Seq" """, r => $"{r.GetString(0)} {Text(r, 1)}", cancellationToken);

    public Task<List<string>> LeasesAsync(CancellationToken cancellationToken) =>
        ReadAsync("""SELECT "JobId", "Attempt", "Lost" FROM "RunLeases" """, r => $"{r.GetGuid(0)}/{r.GetInt32(1)}{(r.GetBoolean(2) ? " lost" : "")}", cancellationToken);

    /// <summary>The story of a job as it is stored, in words.</summary>
    public Task<List<string>> EventsAsync(Guid jobId, CancellationToken cancellationToken) => ReadAsync(
        $"""SELECT "Seq", "AtMs", "Attempt", "Phase", "Kind", "Message" FROM "Events" WHERE "JobId" = '{jobId:D}' AND "Source" = 'gateway' ORDER BY "Seq" """,
        r => string.Create(CultureInfo.InvariantCulture, $"{r.GetInt64(0)} {DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(1)):HH:mm:ss.fff} attempt {r.GetInt32(2)} {r.GetString(3)} {r.GetString(4)} {r.GetString(5)}"),
        cancellationToken);

    /// <summary>Ends every session of the gateways.</summary>
    public async Task<int> EndSessionsAsync(CancellationToken cancellationToken) =>
        (await ReadAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'nemesis'", r => r.GetBoolean(0), cancellationToken)).Count;

    private static StreamFigures Figures(JsonElement told, Guid job, int attempt, Dictionary<(Guid, int, int), (long Length, string Sha256)> stored, Func<Guid, int, string?> agentsOwnHash)
    {
        var number = Member(told, "stream").GetInt32();
        var (length, sha256) = stored.GetValueOrDefault((job, attempt, number), (0, ""));
        return new StreamFigures(StreamNames[number], Member(told, "lengthBytes").GetInt64(), Member(told, "sha256").GetString()!, length, sha256, number == 0 ? agentsOwnHash(job, attempt) : null);
    }

    private static JsonElement Member(JsonElement element, string name) => element.EnumerateObject().First(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private async Task<Dictionary<(Guid, int, int), (long Length, string Sha256)>> StreamsAsync(CancellationToken cancellationToken)
    {
        Dictionary<(Guid, int, int), (long Length, IncrementalHash Hash)> streams = [];
        await ReadAsync(
            """SELECT "JobId", "Attempt", "Stream", "Offset", "Bytes" FROM "OutputChunks" ORDER BY 1, 2, 3, 4""",
            r =>
            {
                var key = (r.GetGuid(0), r.GetInt32(1), Convert.ToInt32(r.GetValue(2), CultureInfo.InvariantCulture));
                var (length, hash) = streams.TryGetValue(key, out var begun) ? begun : (0, IncrementalHash.CreateHash(HashAlgorithmName.SHA256));
                var bytes = (byte[])r[4];

                // A gap or an overlap shows as a length that nobody told.
                hash.AppendData(bytes);
                streams[key] = (r.GetInt64(3) == length ? length + bytes.Length : long.MinValue, hash);
                return true;
            },
            cancellationToken);
        return streams.ToDictionary(s => s.Key, s => (s.Value.Length, Finish(s.Value.Hash)));
    }

    private static string Finish(IncrementalHash hash)
    {
        using (hash)
        {
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static long? Number(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    private static decimal? Decimal(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDecimal(column);

    private async Task<List<T>> ReadAsync<T>(string statement, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(_connection);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(statement, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<T> rows = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(row(reader));
        }

        return rows;
    }
}
