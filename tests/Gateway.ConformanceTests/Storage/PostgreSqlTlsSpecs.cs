using Gateway.ConformanceTests.Support;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Gateway.ConformanceTests.Storage;

/// <summary>A real server that is given a certificate while it runs, and loses it again.</summary>
public sealed class PostgreSqlTlsSpecs : IDisposable
{
    private const int MostTries = 500;
    private const string Files = "gateway-test-tls";
    private readonly TestFolder folder = new();
    private readonly TestAuthority authority = new();

    public void Dispose()
    {
        authority.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("localhost", false, null)]
    [InlineData("localhost", true, "certificate")]
    [InlineData("db.example.com", false, "certificate")]
    public async Task A_server_is_taken_whose_certificate_is_right_in_name_and_issuer_and_no_other(string name, bool otherAuthority, string? words)
    {
        using var other = new TestAuthority("Another one");
        using var store = new PostgreSqlStore();
        File.WriteAllText(folder.File("ca.pem"), (otherAuthority ? other : authority).Certificate.ExportCertificatePem());
        await TurnOnAsync(name);
        try
        {
            await using var jobs = new EmbeddedJobs(new Verified(new NpgsqlConnectionStringBuilder(store.ConnectionString) { Pooling = false }.ConnectionString, folder.File("ca.pem")), worker: false);
            if (words is null)
            {
                await jobs.StartAsync();
                Assert.True(await jobs.ReadAsync(db => db.Database.SqlQueryRaw<bool>("SELECT ssl AS \"Value\" FROM pg_stat_ssl WHERE pid = pg_backend_pid()").SingleAsync()));
            }
            else
            {
                var problem = await Assert.ThrowsAsync<InvalidOperationException>(jobs.StartAsync);
                Assert.Contains(words, problem.Message, StringComparison.Ordinal);
                Assert.Contains("Storage:PostgreSql:CaFile", problem.Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            TurnOff();
        }
    }

    private async Task TurnOnAsync(string name)
    {
        using var certificate = authority.Issue(name: name);
        TestAuthority.Write(certificate, folder.File("crt"), folder.File("key"));
        foreach (var kind in (string[])["crt", "key"])
        {
            // By the server itself: the key must belong to its user. A row becomes a line.
            PostgreSqlServer.Run($"COPY (SELECT unnest(string_to_array('{await File.ReadAllTextAsync(folder.File(kind), TestContext.Current.CancellationToken)}', E'\\n'))) TO PROGRAM 'umask 077 && cat > {Files}.{kind}'");
            PostgreSqlServer.Run($"ALTER SYSTEM SET ssl_{(kind == "crt" ? "cert" : "key")}_file = '{Files}.{kind}'");
        }

        PostgreSqlServer.Run("ALTER SYSTEM SET ssl = on");
        PostgreSqlServer.Run("SELECT pg_reload_conf()");
        for (var i = 0; i < MostTries; i++)
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(PostgreSqlServer.ConnectionTo("postgres")) { Pooling = false, SslMode = SslMode.Disable }.ConnectionString);
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = new NpgsqlCommand("SHOW ssl", connection);
            if ((string?)await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) == "on")
            {
                return;
            }
        }

        Assert.Fail("The server did not take its certificate.");
    }

    private static void TurnOff()
    {
        foreach (var setting in (string[])["ssl", "ssl_cert_file", "ssl_key_file"])
        {
            PostgreSqlServer.Run($"ALTER SYSTEM RESET {setting}");
        }

        PostgreSqlServer.Run("SELECT pg_reload_conf()");
        PostgreSqlServer.Run($"COPY (SELECT 1) TO PROGRAM 'cat > {Files}.crt; rm -f {Files}.crt {Files}.key'");
    }

    private sealed class Verified(string connection, string authority) : ITestStore
    {
        public IEnumerable<KeyValuePair<string, string?>> Settings =>
        [
            new("Storage:Provider", "PostgreSql"), new("Storage:StartTimeout", "00:00:00"), new("Storage:PostgreSql:ConnectionString", connection), new("Storage:PostgreSql:CaFile", authority),
        ];

        public void Intercept(IServiceCollection services, IInterceptor interceptor) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
