using Gateway.ModelStub;
using Gateway.ModelStub.Control;
using Gateway.ModelStub.Gemini;
using Gateway.ModelStub.Messages;
using Gateway.ModelStub.Responses;

var options = StubOptions.Parse(args);
var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().UseUrls(options.Url);
builder.Services.AddRoutingCore();
builder.Services.AddSingleton(options).AddSingleton(TimeProvider.System)
    .AddSingleton<RequestLog>().AddSingleton<Gates>().AddSingleton<MessagesEndpoint>()
    .AddSingleton<GeminiEndpoint>().AddSingleton<ResponsesEndpoint>();
var app = builder.Build();
app.MapMessages();
app.MapGemini();
app.MapResponses();
app.MapControl();

// Ctrl+C and TERM must end the stub although a scenario may be hanging on purpose.
app.Lifetime.ApplicationStopping.Register(() => app.Services.GetRequiredService<Gates>().OpenAll());
await app.StartAsync();
var url = app.Urls.First();
if (options.PortFile is { } file)
{
    // Renamed into place, so that whoever waits for the file never reads half a number.
    await File.WriteAllTextAsync(file + ".new", new Uri(url).Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
    File.Move(file + ".new", file, overwrite: true);
}

Console.WriteLine($"model stub listening on {url}");
await Signals.WaitForStopAsync();
await app.StopAsync(new CancellationToken(canceled: true));
return 0;
