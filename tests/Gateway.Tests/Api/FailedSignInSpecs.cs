using System.Net;
using Gateway.Api.Auth;
using Gateway.Api.Auth.SignIn;
using Gateway.Jobs;
using Gateway.Jobs.Audit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Api;

public sealed class FailedSignInSpecs
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_refused_credentials_of_an_address_are_one_record_with_their_number_and_nothing_of_them()
    {
        await using var host = await EdgeHost.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            var request = host.Post("{}", withKey: false);
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer cAnArY");
            Assert.Equal(401, (await host.SendAsync(request)).Status);
        }

        await host.SendAsync(host.Post("{}", withKey: false));
        var record = Assert.Single(await host.FailuresAsync());
        Assert.Equal(("127.0.0.1", "denied", "invalid_credential"), (record.Address, record.Decision, record.Kind));
        Assert.StartsWith("5 refused", record.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("cAnArY", AuditText.Of(record), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flood_from_everywhere_is_a_hundred_and_one_records_a_minute()
    {
        var audit = new FakeAuditLog();
        using var failures = new FailedSignIns(audit, new FakeTimeProvider(), NullLogger<FailedSignIns>.Instance);
        for (var i = 0; i < 5_000; i++)
        {
            failures.Note(CallerAddress.Of(new IPAddress(i)));
        }

        await failures.WriteAsync(Token);
        Assert.Equal(101, audit.Records.Count);
        Assert.StartsWith("4900 refused", Assert.Single(audit.Records, one => one.Address == "(others)").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_written_is_counted_on_and_the_rest_is_written_at_the_stop()
    {
        var audit = new FakeAuditLog { IsAway = true };
        using var failures = new FailedSignIns(audit, new FakeTimeProvider(), NullLogger<FailedSignIns>.Instance);
        failures.Note(CallerAddress.Of(IPAddress.Loopback));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => failures.WriteAsync(Token));
        failures.Note(CallerAddress.Of(IPAddress.Loopback));
        audit.IsAway = false;
        await failures.StopAsync(Token);
        Assert.StartsWith("2 refused", Assert.Single(audit.Records).Reason, StringComparison.Ordinal);
    }
}
