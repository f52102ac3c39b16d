using Gateway.Storage;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace Gateway.Tests.Storage;

/// <summary>The store is well when it answers with the schema that this program knows.</summary>
public sealed class StoreHealthSpecs : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_store_in_order_is_well()
    {
        await using var jobs = await StartAsync();

        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(jobs)).Status);
    }

    [Fact]
    public async Task A_file_that_was_deleted_under_open_connections_is_missed()
    {
        await using var jobs = await StartAsync();
        File.Delete(folder.File("gateway.db"));

        var result = await CheckAsync(jobs);

        Assert.Equal((HealthStatus.Unhealthy, "The database file is gone."), (result.Status, result.Data["reason"]));
        Assert.False(File.Exists(folder.File("gateway.db")), "The check made a file of its own.");
    }

    [Fact]
    public async Task A_schema_older_than_the_program_is_not_ready()
    {
        await using var jobs = await StartAsync();
        using (var db = folder.Open())
        using (var forget = db.CreateCommand())
        {
            forget.CommandText = """DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" = (SELECT max("MigrationId") FROM "__EFMigrationsHistory")""";
            Assert.Equal(1, forget.ExecuteNonQuery());
        }

        var result = await CheckAsync(jobs);

        Assert.Equal((HealthStatus.Unhealthy, "The database has an older schema than this program."), (result.Status, result.Data["reason"]));
    }

    private async Task<EmbeddedJobs> StartAsync()
    {
        var jobs = new EmbeddedJobs(folder);
        await jobs.StartAsync();
        return jobs;
    }

    private static Task<HealthCheckResult> CheckAsync(EmbeddedJobs jobs) =>
        new StoreHealthCheck(jobs.Services.GetRequiredService<IDbContextFactory<GatewayDb>>()).CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);
}
