using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.ConformanceTests.Storage;

public sealed class UnreachableServerSpecs
{
    [Theory]
    [InlineData("PostgreSql", "Host=127.0.0.1;Port=1;Database=gateway;Username=gateway;Password=hush")]
    [InlineData("SqlServer", "Server=127.0.0.1,1;Database=gateway;User ID=gateway;Password=hush;Connect Timeout=1;ConnectRetryCount=0")]
    public async Task A_server_that_does_not_answer_stops_the_start_with_words_and_without_the_password(string provider, string connection)
    {
        await using var jobs = new EmbeddedJobs(new Nowhere(provider, connection), worker: false);
        var problem = await Assert.ThrowsAsync<InvalidOperationException>(jobs.StartAsync);
        Assert.Contains("Storage:StartTimeout", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", problem.ToString(), StringComparison.Ordinal);
    }

    private sealed class Nowhere(string provider, string connection) : ITestStore
    {
        public IEnumerable<KeyValuePair<string, string?>> Settings =>
            [new("Storage:Provider", provider), new("Storage:StartTimeout", "00:00:00"), new($"Storage:{provider}:ConnectionString", connection)];

        public void Intercept(IServiceCollection services, IInterceptor interceptor) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
