using System.Text.Json;
using Gateway.Hosting.Transports;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Gateway.Tests.Hosting;

/// <summary>What stands on a message that is set aside.</summary>
public sealed class FaultKindsSpecs
{
    private const string Canary = "canary7f3a";

    [Fact]
    public async Task A_message_that_is_set_aside_names_the_kinds_of_its_faults_and_no_word_of_theirs_and_is_whole()
    {
        var set = new TaskCompletionSource<(Ask Body, Dictionary<string, object> Headers)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingInMemory((_, memory) =>
            {
                memory.ReceiveEndpoint("asked", endpoint =>
                {
                    endpoint.TellKindsOfFaultsAlone();
                    endpoint.Handler<Ask>(_ => FailAsync());
                });
                memory.ReceiveEndpoint("asked_error", endpoint => endpoint.Handler<Ask>(c =>
                {
                    set.SetResult((c.Message, c.ReceiveContext.TransportHeaders.GetAll().ToDictionary(header => header.Key, header => header.Value)));
                    return Task.CompletedTask;
                }));
            });
        });
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);

        var endpoint = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri("queue:asked"));
        await endpoint.Send(new Ask { Text = "whole" }, TestContext.Current.CancellationToken);
        var (body, headers) = await set.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal("whole", body.Text);
        Assert.Equal("InvalidOperationException<-JsonException", headers["MT-Fault-Message"]);
        Assert.Contains(nameof(FaultKindsSpecs), headers["MT-Fault-StackTrace"].ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(headers, header => header.Value.ToString()!.Contains(Canary, StringComparison.Ordinal));
    }

    private static Task FailAsync()
    {
        try
        {
            throw new JsonException(Canary);
        }
        catch (JsonException cause)
        {
            throw new InvalidOperationException(Canary, cause);
        }
    }

    public sealed record Ask
    {
        public required string Text { get; init; }
    }
}
