using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>A process that cannot do its work does not start, and says why in words.</summary>
public sealed class StartSpecs : ScaleOutHouse
{
    private const int WrongSettings = 2;
    private const int CannotStart = 3;
    private const string Secret = "hunter2-in-the-settings";

    [Fact]
    public async Task Every_wrong_setting_of_the_transport_is_named_at_once_and_no_password()
    {
        var open = At("open");
        File.WriteAllText(open, Secret);
        (string Name, string Value)[] wrong =
        [
            ("Transport:RabbitMq:Host", "no host"), ("Transport:RabbitMq:Port", "70000"), ("Transport:RabbitMq:VirtualHost", ""), ("Transport:RabbitMq:Heartbeat", "00:00:00"),
            ("Transport:RabbitMq:StartTimeout", "1.00:00:00"), ("Transport:RabbitMq:TlsCaFile", "relative.pem"), ("Transport:RabbitMq:PasswordFile", open),
        ];

        var (code, output) = await RunWorkerAsync([("Transport:Kind", "RabbitMq"), .. wrong]);

        Assert.Equal(WrongSettings, code);
        Assert.All(wrong, setting => Assert.Contains(setting.Name, output, StringComparison.Ordinal));
        Assert.Contains("Transport:RabbitMq:Username", output, StringComparison.Ordinal);
        Assert.Contains("0600", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_without_a_broker_between_it_and_the_gateway_does_not_start()
    {
        var (code, output) = await RunWorkerAsync([]);

        Assert.Equal(WrongSettings, code);
        Assert.Contains("Transport:Kind must be RabbitMq", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateways_behind_a_broker_do_not_start_on_an_embedded_database()
    {
        var (code, output) = await GatewayProcess.RunToEndAsync(["--urls", "http://127.0.0.1:0", "--Data:Folder", At("api"), .. Transport().SelectMany(s => (string[])[$"--{s.Name}", s.Value])]);

        Assert.Equal(WrongSettings, code);
        Assert.Contains("Storage:Provider", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_fails_the_start_and_says_so()
    {
        var (code, output) = await RunWorkerAsync([.. Transport(password: Secret), ("Transport:RabbitMq:StartTimeout", "00:00:05")]);

        Assert.Equal(CannotStart, code);
        Assert.Contains("ACCESS_REFUSED", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queue_that_stands_with_other_arguments_fails_the_start_and_is_named()
    {
        await using (var connection = await Broker.ConnectAsync(Vhost, Broker.Admin.User, Broker.Admin.Password))
        await using (var channel = await connection.CreateChannelAsync())
        {
            await channel.QueueDeclareAsync(RunQueue, durable: true, exclusive: false, autoDelete: false);
        }

        var (code, output) = await RunWorkerAsync([.. Transport(), ("Transport:RabbitMq:StartTimeout", "00:00:05")]);

        Assert.Equal(CannotStart, code);
        Assert.Contains($"for queue '{RunQueue}'", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output)> RunWorkerAsync(IEnumerable<(string Name, string Value)> settings) =>
        GatewayProcess.RunToEndAsync(BuiltPrograms.Worker, ["--Data:Folder", At("worker"), .. settings.SelectMany(s => (string[])[$"--{s.Name}", s.Value])]);
}
