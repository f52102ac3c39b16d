using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Gateway.EndToEndTests.Operators;

/// <summary><c>gateway db</c> on the file of an embedded gateway.</summary>
public sealed class DatabaseSpecs : GatewayHouse
{
    [Fact]
    public async Task A_new_file_is_made_and_shown_and_a_gateway_that_has_it_is_left_alone()
    {
        var folder = NextFolder();
        var before = await AskAsync("status", folder);
        Assert.False(Directory.Exists(folder), "to look makes nothing");
        var migrated = await AskAsync("migrate", folder);
        var after = await AskAsync("status", folder);
        var again = await AskAsync("migrate", folder);
        var gateway = await GatewayProcess.StartAsync(folder, WithCli(BuiltPrograms.FakeAgent, ("Worker:Sandbox", "Process")));
        Guard(gateway);
        Assert.Equal("completed", (await gateway.Client.RunAsync("[[fake: answer on it]]")).Status);
        var (inUse, said) = await GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["db", "migrate", "--data-folder", folder]);
        var looked = await GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["db", "status", "--data-folder", folder]);

        Assert.Equal((1, 0), (before.ExitCode, Count(before.Record, "applied")));
        Assert.Equal((0, Count(before.Record, "pending")), (migrated.ExitCode, Count(migrated.Record, "migrated")));
        Assert.Equal((0, Count(before.Record, "pending"), 0), (after.ExitCode, Count(after.Record, "applied"), Count(after.Record, "pending")));
        Assert.Equal((0, 0), (again.ExitCode, Count(again.Record, "migrated")));
        Assert.Equal((2, 2), (inUse, looked.ExitCode));
        Assert.Contains("in use by another gateway process", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_of_a_newer_program_is_named_and_left_as_it_is()
    {
        var folder = NextFolder();
        await AskAsync("migrate", folder);
        var file = Path.Combine(folder, "gateway.db");
        await using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            await connection.OpenAsync(Token);
            await using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO \"__EFMigrationsHistory\" VALUES ('99990101000000_FromTheFuture', '99.0.0'); DELETE FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" LIKE '%_Retention'";
            await command.ExecuteNonQueryAsync(Token);
        }

        var status = await AskAsync("status", folder);
        var migrate = await AskAsync("migrate", folder);

        Assert.Equal((1, "99990101000000_FromTheFuture"), (status.ExitCode, status.Record.GetProperty("newer")[0].GetString()));
        Assert.Equal((2, 0, 1), (migrate.ExitCode, Count(migrate.Record, "migrated"), Count(migrate.Record, "pending")));
    }

    private static int Count(JsonElement record, string name) => record.GetProperty(name).GetArrayLength();

    private static async Task<(int ExitCode, JsonElement Record)> AskAsync(string command, string folder)
    {
        var (code, output) = await GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["db", command, "--json", "--data-folder", folder]);
        return (code, JsonElement.Parse(output.Split('\n')[0]));
    }
}
