using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using RabbitMQ.Client;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>A real RabbitMQ, as an operator sees it: through its management interface, and by its process.</summary>
internal sealed class Broker : IDisposable
{
    private readonly HttpClient _http;
    private readonly string? _folder;

    public Broker(Uri amqp, Uri management, string? folder = null)
    {
        Amqp = amqp;
        _folder = folder;
        _http = new HttpClient { BaseAddress = management };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(amqp.UserInfo)));
    }

    public Uri Amqp { get; }

    public (string User, string Password) Admin => (Amqp.UserInfo.Split(':')[0], Amqp.UserInfo.Split(':')[1]);

    /// <summary>The services of the whole run, started if nobody has; or a broker of one's own in a folder, which may be killed.</summary>
    public static async Task<Broker> StartAsync(string? folder = null)
    {
        var variables = folder is null && Environment.GetEnvironmentVariable("GATEWAY_TEST_RABBITMQ") is { Length: > 0 } amqp
            ? new Dictionary<string, string> { ["GATEWAY_TEST_RABBITMQ"] = amqp, ["GATEWAY_TEST_RABBITMQ_MANAGEMENT"] = Environment.GetEnvironmentVariable("GATEWAY_TEST_RABBITMQ_MANAGEMENT")! }
            : await ServicesAsync("start", "--rabbitmq", folder);
        return new Broker(new Uri(variables["GATEWAY_TEST_RABBITMQ"]), new Uri(variables["GATEWAY_TEST_RABBITMQ_MANAGEMENT"]), folder);
    }

    /// <summary>Runs <c>build/services</c>; the variables that it printed.</summary>
    public static async Task<Dictionary<string, string>> ServicesAsync(string command, string service, string? folder)
    {
        var start = new ProcessStartInfo(Path.Combine(BuiltPrograms.Root(), "build", "services"), [command, service, .. folder is null ? (string[])[] : ["--folder", folder]]) { RedirectStandardOutput = true };
        using var script = Process.Start(start)!;
        var output = await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        Assert.SkipWhen(script.ExitCode != 0 && !Environment.IsPrivilegedProcess, "RabbitMQ and PostgreSQL are not to be had without root; build/services says why.");
        Assert.True(script.ExitCode == 0, $"build/services {command} {service} ended with {script.ExitCode}.");
        return output.Split('\n').Where(line => line.Contains('=', StringComparison.Ordinal)).ToDictionary(line => line[..line.IndexOf('=', StringComparison.Ordinal)], line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim('\'', '"'));
    }

    /// <summary>SIGKILL of a broker of one's own.</summary>
    public Task KillAsync() => ProcessTable.KillAsync(int.Parse(File.ReadAllText(Path.Combine(_folder!, "rabbitmq", "pid")), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture));

    /// <summary>The same broker again, on its data.</summary>
    public Task RestartAsync() => ServicesAsync("start", "--rabbitmq", _folder);

    public Task StopAsync() => ServicesAsync("stop", "--rabbitmq", _folder);

    /// <summary>A virtual host of the test's own, which the administrator may use.</summary>
    public async Task CreateVhostAsync(string vhost)
    {
        await SendAsync(HttpMethod.Put, $"api/vhosts/{vhost}", new JsonObject());
        await SendAsync(HttpMethod.Put, $"api/permissions/{vhost}/{Admin.User}", new JsonObject { ["configure"] = ".*", ["write"] = ".*", ["read"] = ".*" });
    }

    public Task DeleteVhostAsync(string vhost) => SendAsync(HttpMethod.Delete, $"api/vhosts/{vhost}", null);

    public Task DeleteUserAsync(string user) => SendAsync(HttpMethod.Delete, $"api/users/{user}", null);

    /// <summary>Takes users and permissions of a file in the broker's own format, for one virtual host and under names of one's own.</summary>
    public async Task ImportAsync(string file, string vhost, string suffix, string? password)
    {
        var definitions = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
        definitions["vhosts"] = new JsonArray();
        foreach (var user in definitions["users"]!.AsArray())
        {
            user!["name"] = user["name"]!.GetValue<string>() + suffix;
        }

        foreach (var permission in definitions["permissions"]!.AsArray())
        {
            permission!["vhost"] = vhost;
            permission["user"] = permission["user"]!.GetValue<string>() + suffix;
        }

        await SendAsync(HttpMethod.Post, "api/definitions", definitions);
        foreach (var user in password is null ? [] : definitions["users"]!.AsArray())
        {
            await SendAsync(HttpMethod.Put, $"api/users/{user!["name"]!.GetValue<string>()}", new JsonObject { ["password"] = password, ["tags"] = "" });
        }
    }

    /// <summary>What the management pages say of a queue; null when it is not there.</summary>
    public async Task<JsonElement?> QueueAsync(string vhost, string queue)
    {
        using var response = await _http.GetAsync(new Uri($"api/queues/{vhost}/{queue}", UriKind.Relative));
        return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<JsonElement>() : null;
    }

    public async Task<IReadOnlyList<string>> QueuesAsync(string vhost) =>
        [.. (await _http.GetFromJsonAsync<JsonElement>(new Uri($"api/queues/{vhost}", UriKind.Relative))).EnumerateArray().Select(q => q.GetProperty("name").GetString()!)];

    public Task PurgeQueueAsync(string vhost, string queue) => SendAsync(HttpMethod.Delete, $"api/queues/{vhost}/{queue}/contents", null);

    public Task DeleteQueueAsync(string vhost, string queue) => SendAsync(HttpMethod.Delete, $"api/queues/{vhost}/{queue}", null);

    /// <summary>Puts a message onto an exchange; the queues that took it.</summary>
    public async Task<bool> PublishAsync(string vhost, string exchange, string body)
    {
        var answer = await SendAsync(HttpMethod.Post, $"api/exchanges/{vhost}/{exchange}/publish", new JsonObject
        {
            ["properties"] = new JsonObject { ["content_type"] = "application/vnd.masstransit+json", ["delivery_mode"] = 2 },
            ["routing_key"] = "",
            ["payload"] = body,
            ["payload_encoding"] = "string",
        });
        return answer.GetProperty("routed").GetBoolean();
    }

    /// <summary>Looks at the messages of a queue, which stay there.</summary>
    public async Task<IReadOnlyList<JsonElement>> PeekAsync(string vhost, string queue)
    {
        var answer = await SendAsync(HttpMethod.Post, $"api/queues/{vhost}/{queue}/get", new JsonObject { ["count"] = 100, ["ackmode"] = "ack_requeue_true", ["encoding"] = "auto" });
        return [.. answer.EnumerateArray()];
    }

    /// <summary>Puts bytes onto an exchange, with the outside that a message of ours has, or none.</summary>
    public async Task PublishAsync(string vhost, string exchange, byte[] body, IReadOnlyBasicProperties? outside = null)
    {
        await using var connection = await ConnectAsync(vhost, Admin.User, Admin.Password);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        var properties = outside is null ? new BasicProperties { ContentType = "application/vnd.masstransit+json" } : new BasicProperties(outside);
        properties.DeliveryMode = DeliveryModes.Persistent;
        await channel.BasicPublishAsync(exchange, routingKey: "", mandatory: true, properties, body);
    }

    /// <summary>Takes the next message of a queue away; null when there is none.</summary>
    public async Task<BasicGetResult?> TakeAsync(string vhost, string queue)
    {
        await using var connection = await ConnectAsync(vhost, Admin.User, Admin.Password);
        await using var channel = await connection.CreateChannelAsync();
        return await channel.BasicGetAsync(queue, autoAck: true);
    }

    /// <summary>A connection of a user.</summary>
    public Task<IConnection> ConnectAsync(string vhost, string user, string password) =>
        new ConnectionFactory { HostName = Amqp.Host, Port = Amqp.Port, VirtualHost = vhost, UserName = user, Password = password, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, JsonNode? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json")) };
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }
}
