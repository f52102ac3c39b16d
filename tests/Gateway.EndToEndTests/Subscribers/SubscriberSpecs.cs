using System.Diagnostics;
using System.Text.Json;
using Gateway.Contracts.Events;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.ScaleOut;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Subscribers;

/// <summary>Other services hear what becomes of jobs: one on .NET with the contracts, one on Node that knows AMQP alone.</summary>
public sealed class SubscriberSpecs : ScaleOutHouse
{
    private const int Jobs = 100;
    private const string Password = "for-this-test-alone";

    private string User => $"gateway-subscriber-{Vhost}";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Broker.ImportAsync(Path.Combine(BuiltPrograms.Root(), "docker", "rabbitmq", "definitions.json"), Vhost, $"-{Vhost}", Password);
    }

    [Fact]
    public async Task Two_subscribers_hear_of_every_start_and_every_end_of_a_hundred_jobs_under_the_same_ids()
    {
        var api = await StartApiAsync();
        await StartWorkerAsync("w1");
        var broker = new UriBuilder("amqp", Broker.Amqp.Host, Broker.Amqp.Port, Vhost) { UserName = User, Password = Password }.Uri;
        await using var net = await new EventSubscriber(broker, "subscriber-tickets").StartAsync(Token);
        using var node = await StartNodeAsync(broker);
        var lines = new List<string>();
        var reading = ReadAsync(node, lines);

        var ids = new List<Guid>();
        for (var i = 0; i < Jobs; i++)
        {
            ids.Add(PublicId.Read((await api.Client.SubmitAsync(i % 10 == 0 ? "[[fake: exit 3]]" : "[[fake: answer done]]", ("maxAttempts", 1))).Id));
        }

        await Wait.UntilAsync(() => Ends(net).Distinct().Count() == Jobs && Count(lines) >= net.Events.Count, "both have heard of every end");
        await Wait.UntilAsync(() => Store.Count("Outbox") == 0, "nothing is left to send");

        Assert.Equal(ids.Order(), Ends(net).Order());
        Assert.Equal(ids.Order(), net.Events.OfType<AgentJobStarted>().Select(e => e.JobId).Order());
        Assert.Equal(Jobs / 10, net.Events.OfType<AgentJobFailed>().Count());
        await Wait.UntilAsync(() => Count(lines) == net.Events.Count, "Node has heard the same");
        node.StandardInput.Close();
        await reading;
        var heard = lines.Select(line => JsonElement.Parse(line)).ToList();
        Assert.All(heard, e => Assert.Equal(e.GetProperty("eventId").GetString(), e.GetProperty("messageId").GetString()));
        Assert.Equal(net.Events.Select(IdOf).Order(), heard.Select(e => e.GetProperty("eventId").GetGuid()).Order());
    }

    private protected override async Task EndBrokerAsync(Broker broker)
    {
        foreach (var role in (string[])["api", "worker", "subscriber"])
        {
            await broker.DeleteUserAsync($"gateway-{role}-{Vhost}");
        }

        await base.EndBrokerAsync(broker);
    }

    private static IEnumerable<Guid> Ends(EventSubscriber subscriber) => subscriber.Events
        .Select(e => e switch
        {
            AgentJobCompleted completed => completed.JobId,
            AgentJobFailed failed => failed.JobId,
            AgentJobCanceled canceled => canceled.JobId,
            _ => Guid.Empty,
        })
        .Where(id => id != Guid.Empty);

    private static Guid IdOf(object told) => (Guid)told.GetType().GetProperty(nameof(AgentJobStarted.EventId))!.GetValue(told)!;

    private static int Count(List<string> lines)
    {
        lock (lines)
        {
            return lines.Count;
        }
    }

    private static async Task<Process> StartNodeAsync(Uri broker)
    {
        var folder = Path.Combine(BuiltPrograms.Root(), "tests", "Gateway.EndToEndTests", "Subscribers", "Node");
        if (!File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json")))
        {
            using var install = Process.Start(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--loglevel", "error"]) { WorkingDirectory = folder })!;
            await install.WaitForExitAsync(Token);
            Assert.Equal(0, install.ExitCode);
        }

        var node = Process.Start(new ProcessStartInfo("node", ["subscribe.mjs", broker.ToString(), "subscriber-dashboards"]) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.Equal("ready", await node.StandardOutput.ReadLineAsync(Token));
        return node;
    }

    private static async Task ReadAsync(Process node, List<string> lines)
    {
        while (await node.StandardOutput.ReadLineAsync(Token) is { } line)
        {
            lock (lines)
            {
                lines.Add(line);
            }
        }
    }
}
