using System.Diagnostics;
using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Npgsql;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>Somebody has a dump of the server's database.</summary>
public sealed class StolenDatabaseSpecs : ScaleOutHouse
{
    [Fact]
    public async Task A_dump_of_the_server_holds_no_piece_of_a_key_that_opens()
    {
        var api = await StartApiAsync();
        var made = JsonElement.Parse((await GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["keys", "create", "--label", "local", "--tenant", "default", "--json", "--data-folder", api.Data])).Output);
        var key = made.GetProperty("key").GetString()!;
        using var caller = new McpCaller(() => api.Url, () => key);
        Assert.False((await caller.CallAsync("llm_job_list", new { })).IsError);
        var pepper = (await File.ReadAllTextAsync(Path.Combine(api.Data, "pepper"), Token)).Split(' ')[1].Trim();

        var dump = await DumpAsync();

        Assert.Contains(made.GetProperty("prefix").GetString()!, dump, StringComparison.Ordinal);
        foreach (var secret in (string[])[key["gwk_".Length..][12..], api.Key["gwk_".Length..], pepper])
        {
            for (var i = 0; i + 12 <= secret.Length; i++)
            {
                Assert.DoesNotContain(secret.Substring(i, 12), dump, StringComparison.Ordinal);
            }
        }
    }

    private async Task<string> DumpAsync()
    {
        var database = new NpgsqlConnectionStringBuilder(Database.Single(setting => setting.Name.EndsWith(":ConnectionString", StringComparison.Ordinal)).Value);
        var start = new ProcessStartInfo("pg_dump", ["--inserts", $"--host={database.Host}", $"--port={database.Port}", $"--username={database.Username}", database.Database!]) { RedirectStandardOutput = true };
        start.Environment["PGPASSWORD"] = database.Password;
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
        return text;
    }
}
