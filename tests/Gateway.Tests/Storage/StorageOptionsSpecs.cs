using System.Data.Common;
using Gateway.Storage.Providers.PostgreSql;
using Gateway.Storage.Providers.SqlServer;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gateway.Tests.Storage;

public sealed class StorageOptionsSpecs
{
    [Fact]
    public void A_database_that_is_none_is_named_with_those_there_are() =>
        Assert.Contains("Storage:Provider must be Sqlite, PostgreSql or SqlServer, not 'mysql'.", FaultsOf(("Storage:Provider", "mysql")));

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("sqlserver")]
    public void A_server_needs_one_connection_string(string provider)
    {
        var section = provider == "PostgreSql" ? "Storage:PostgreSql" : "Storage:SqlServer";
        Assert.Contains(FaultsOf(("Storage:Provider", provider)), fault => fault.StartsWith($"{section}: set ConnectionString", StringComparison.Ordinal));
        Assert.Contains(
            FaultsOf(("Storage:Provider", provider), ($"{section}:ConnectionString", "a=b"), ($"{section}:ConnectionStringFile", "f")),
            fault => fault.Contains("are both set", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PostgreSql", "Host=localhost;Database=gateway;Password=se;cret=1")]
    [InlineData("PostgreSql", "Host=localhost;Port=secret;Database=gateway")]
    [InlineData("SqlServer", "Server=localhost;Database=gateway;Password=se;cret=1")]
    [InlineData("SqlServer", "secret")]
    public void A_connection_string_that_cannot_be_read_is_refused_and_no_part_of_it_is_shown(string provider, string text)
    {
        var faults = FaultsOf(("Storage:Provider", provider), ($"Storage:{provider}:ConnectionString", text));
        Assert.Contains(faults, fault => fault.StartsWith($"Storage:{provider}: the connection string cannot be read", StringComparison.Ordinal));
        Assert.DoesNotContain(faults, fault => fault.Contains("cret", StringComparison.Ordinal));
    }

    [Fact]
    public void Sql_server_is_refused_in_a_process_without_cultures_and_the_remedy_is_named() =>
        Assert.Contains(FaultsOf(("Storage:Provider", "SqlServer")), fault => fault.Contains("System.Globalization.Invariant to false", StringComparison.Ordinal));

    [Fact]
    public void Every_fault_of_a_connection_string_is_named_at_once()
    {
        var faults = FaultsOf(("Storage:Provider", "PostgreSql"), ("Storage:PostgreSql:ConnectionString", "Username=gateway"), ("Storage:StartTimeout", "1.00:00:00"));
        Assert.Contains("Storage:PostgreSql: the connection string names no Host.", faults);
        Assert.Contains("Storage:PostgreSql: the connection string names no Database.", faults);
        Assert.Contains(faults, fault => fault.Contains("StartTimeout", StringComparison.Ordinal));
    }

    [Fact]
    public void A_connection_string_comes_from_its_file_and_a_file_that_is_not_there_is_named()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.File("connection"), "Host=localhost;Database=gateway\n");
        Assert.Empty(FaultsOf(("Storage:Provider", "PostgreSql"), ("Storage:PostgreSql:ConnectionStringFile", folder.File("connection"))));
        Assert.Contains(
            FaultsOf(("Storage:Provider", "PostgreSql"), ("Storage:PostgreSql:ConnectionStringFile", "/nowhere")),
            fault => fault.Contains("cannot be read ('/nowhere')", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Host=db.example.com;Database=x", false, "VerifyFull", false)]
    [InlineData("Host=127.0.0.1,db.example.com;Database=x", false, "VerifyFull", false)]
    [InlineData("Host=db.example.com;Database=x;SSL Mode=Require", false, "Require", true)]
    [InlineData("Host=db.example.com;Database=x;SslMode=Disable", false, "Disable", true)]
    [InlineData("Host=db.example.com;Database=x;sslmode=VerifyCA", false, "VerifyCA", false)]
    [InlineData("Host=127.0.0.1;Database=x", false, null, false)]
    [InlineData("Host=localhost;Database=x", true, "VerifyFull", false)]
    [InlineData("Host=/run/postgresql;Database=x", false, null, false)]
    public void A_server_of_another_machine_is_verified_unless_the_connection_string_says_otherwise(string text, bool withAuthority, string? mode, bool warned)
    {
        var options = new PostgreSqlOptions { ConnectionString = text, CaFile = withAuthority ? "/ca.pem" : null };

        var complete = new DbConnectionStringBuilder { ConnectionString = PostgreSqlTls.Complete(options) };

        Assert.Equal(mode, complete.TryGetValue("SSL Mode", out var said) ? said : null);
        Assert.Equal(options.CaFile, complete.TryGetValue("Root Certificate", out var file) ? file : null);
        Assert.Equal(warned, PostgreSqlTls.WarningOf(options) is not null);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(";Encrypt=Strict", false)]
    [InlineData(";TrustServerCertificate=true", true)]
    [InlineData(";Encrypt=false", true)]
    public void A_sql_server_that_need_not_prove_who_it_is_is_warned_of(string more, bool warned) =>
        Assert.Equal(warned, SqlServerTls.WarningOf(new SqlServerOptions { ConnectionString = $"Server=db;Database=x{more}" }) is not null);

    [Fact]
    public void An_authority_that_cannot_be_read_is_named() => Assert.Contains(
        FaultsOf(("Storage:Provider", "PostgreSql"), ("Storage:PostgreSql:ConnectionString", "Host=db;Database=x"), ("Storage:PostgreSql:CaFile", "/nowhere.pem")),
        fault => fault.StartsWith("Storage:PostgreSql:CaFile names '/nowhere.pem'", StringComparison.Ordinal));

    [Fact]
    public void Settings_of_a_database_that_was_not_chosen_are_not_judged()
    {
        using var folder = new TestFolder();
        Assert.Empty(FaultsOf(("Storage:Sqlite:File", folder.File("gateway.db")), ("Storage:PostgreSql:ConnectionString", "nonsense")));
    }

    private static IReadOnlyList<string> FaultsOf(params (string Key, string Value)[] settings)
    {
        var jobs = new EmbeddedJobs(new Settings(settings), worker: false);
        return Record.Exception(() => jobs.Get<IStartupValidator>().Validate()) switch
        {
            null => [],
            OptionsValidationException one => [.. one.Failures],
            AggregateException many => [.. many.InnerExceptions.Cast<OptionsValidationException>().SelectMany(one => one.Failures)],
            { } other => throw other,
        };
    }

    private sealed class Settings((string Key, string Value)[] settings) : ITestStore
    {
        IEnumerable<KeyValuePair<string, string?>> ITestStore.Settings => settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value));

        public void Intercept(IServiceCollection services, IInterceptor interceptor) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
