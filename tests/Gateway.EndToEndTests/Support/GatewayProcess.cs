using System.Diagnostics;
using Gateway.EndToEndTests.Doubles;
using Xunit;

namespace Gateway.EndToEndTests.Support;

/// <summary>A gateway as a process: alone with its worker, or the one of scale-out that callers see.</summary>
internal sealed class GatewayProcess : ProgramProcess
{
    // Most tests ask the same thing of a fake agent again and again; those about equal calls say so.
    private static readonly (string Name, string Value)[] ManyEqualCalls = [("Jobs:DedupWindow", "00:00:00")];

    private string _url = "";

    private GatewayProcess(string program, string data, IEnumerable<(string Name, string Value)> settings)
        : base(program, data, "Gateway listens at ", ["--urls", "http://127.0.0.1:0", "--Data:Folder", data, .. ManyEqualCalls.Concat(settings).SelectMany(s => (string[])[$"--{s.Name}", s.Value])]) =>
        Client = new McpCaller(() => new Uri(_url), () => Key);

    public Uri Url => new(_url);

    public string Key => File.ReadAllText(Path.Combine(Data, "api-key")).Trim();

    public McpCaller Client { get; }

    public JobStore Store => JobStore.OfFile(Path.Combine(Data, "gateway.db"));

    /// <summary>Starts a gateway and waits until it listens.</summary>
    /// <param name="data">Its data folder.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="program">A program that becomes the gateway, such as a tracer; null for the gateway itself.</param>
    public static async Task<GatewayProcess> StartAsync(string data, IEnumerable<(string Name, string Value)> settings, string? program = null)
    {
        var gateway = new GatewayProcess(program ?? BuiltPrograms.Gateway, data, settings);
        await gateway.StartAsync();
        return gateway;
    }

    /// <summary>Starts a gateway that is expected to end by itself.</summary>
    public static Task<(int ExitCode, string Output)> RunToEndAsync(params string[] arguments) => RunToEndAsync(BuiltPrograms.Gateway, arguments);

    /// <summary>Starts a program that is expected to end by itself.</summary>
    public static async Task<(int ExitCode, string Output)> RunToEndAsync(string program, string[] arguments)
    {
        using var process = Process.Start(ProgramStart.Of(program, arguments))!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Wait.Long);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            Assert.Fail($"The program did not end. {await errors}");
        }

        return (process.ExitCode, await output + await errors);
    }

    public override async Task<IReadOnlyList<string>> EndAsync()
    {
        Client.Dispose();
        return await base.EndAsync();
    }

    protected override void IsReady(string line) => _url = line.Split(' ')[^1];
}
