using Gateway.EndToEndTests.Doubles;
using Xunit;

namespace Gateway.EndToEndTests.Support;

/// <summary>Base of specs that need more than one of the real CLIs: one gateway that starts all of them, offline on the model stub, with the walls that the machine has.</summary>
public abstract class RealCliHouse(ModelStubProcess stub) : GatewayHouse, IClassFixture<ModelStubProcess>
{
    private protected ModelStubProcess Stub => stub;

    /// <summary>The directory in which jobs may run.</summary>
    private protected string Workspace => Directory.CreateDirectory(At("ws")).FullName;

    /// <summary>Starts it; a setting that is given wins.</summary>
    private protected Task<GatewayProcess> StartRealAsync(params (string Name, string Value)[] settings) => StartWithAsync(BuiltPrograms.Claude, [.. Settings, .. settings]);

    /// <summary>Starts it on a host whose environment is what a script exports first.</summary>
    private protected async Task<GatewayProcess> StartRealOnAsync(string exports, params (string Name, string Value)[] settings)
    {
        var host = At("host");
        await File.WriteAllTextAsync(host, $"#!/bin/sh\n{exports.ReplaceLineEndings("\n")}\nexec {BuiltPrograms.Gateway} \"$@\"\n", Token);
        File.SetUnixFileMode(host, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var gateway = await GatewayProcess.StartAsync(NextFolder(), WithCli(BuiltPrograms.Claude, [.. Settings, .. settings]), host);
        Guard(gateway);
        return gateway;
    }

    private (string Name, string Value)[] Settings =>
    [
        ("Workspaces:Roots:0", Workspace), ("Storage:Sqlite:Synchronous", "NORMAL"), ("Claude:BaseUrl", stub.Url),
        ("Codex:Program", BuiltPrograms.Codex), ("Codex:BaseUrl", $"{stub.Url}/v1"), ("Codex:RequestMaxRetries", "0"), ("Codex:StreamMaxRetries", "0"),
        ("Credentials:codex:Kind", "api_key"), ("Credentials:codex:File", KeyFile()),
        ("Gemini:Program", BuiltPrograms.Gemini), ("Gemini:BaseUrl", stub.Url), ("Gemini:MaxAttempts", "1"),
        ("Credentials:gemini:Kind", "api_key"), ("Credentials:gemini:File", KeyFile()),
    ];

    /// <summary>Starts a run of any CLI; its job. A gateway that is new on a busy machine may say that it has accepted nothing, and to ask again.</summary>
    private protected static async Task<JobRecord> SubmitAsync(GatewayProcess gateway, string cli, string prompt, params (string Name, object Value)[] more)
    {
        var arguments = more.Append(("prompt", prompt)).ToDictionary(a => a.Item1, a => a.Item2);
        Reply? reply = null;
        await Wait.UntilAsync(
            async () => !(reply = await gateway.Client.CallAsync($"{cli}_request_async", arguments)).IsError || reply.ErrorKind != "policy_unavailable", "the store is reached");
        return new JobRecord(reply!.Good.GetProperty("job"));
    }

    /// <summary>Starts a run of any CLI and waits for its end.</summary>
    private protected static async Task<JobRecord> RunAsync(GatewayProcess gateway, string cli, string prompt, params (string Name, object Value)[] more) =>
        await gateway.Client.EndAsync((await SubmitAsync(gateway, cli, prompt, more)).Id);
}
