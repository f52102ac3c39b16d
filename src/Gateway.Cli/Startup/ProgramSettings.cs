using Gateway.Api.Startup;
using Gateway.Cli.Settings;
using Gateway.Contracts.McpServers;
using Gateway.Execution.Credentials;
using Gateway.Execution.McpServers;
using Gateway.Hosting.Settings;
using Gateway.Worker.Startup;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Gateway.Cli.Startup;

/// <summary>The settings of gateway and worker, asked of what these are made of: what passes here starts there.</summary>
internal static class ProgramSettings
{
    private const UnixFileMode SomebodyRuns = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The questions.</summary>
    public static HouseSettings Create() => new(
        (worker, settings) => worker ? WorkerHost.FaultsOf(settings) : ApiHost.FaultsOf(settings),
        (worker, settings) => worker ? WorkerHost.ReportOf(settings) : ApiHost.ReportOf(settings),
        CredentialsOf,
        McpServersOf,
        ApiHost.PoliciesOf);

    private static IReadOnlyList<(string Name, string Kind, string? Fault)> CredentialsOf(string[] settings) =>
        [.. Read<CredentialsOptions, CredentialOptions>(settings, CredentialsOptions.Section).Select(one => (one.Key, one.Value.Kind, FaultOf(one.Key, one.Value)))];

    private static IReadOnlyList<(string Name, string? Fault)> McpServersOf(string[] settings) =>
        [.. Read<McpServersOptions, McpServerEntry>(settings, McpServersOptions.Section).Select(one => (one.Key, McpServerCheck.FaultOf(one.Key, one.Value)))];

    private static IReadOnlyList<KeyValuePair<string, TMember>> Read<TOptions, TMember>(string[] settings, string section)
        where TOptions : Dictionary<string, TMember>
    {
        var builder = Host.CreateApplicationBuilder(settings);
        builder.Configuration.ReadGatewayDefaults();
        builder.Services.AddOptions<TOptions>().BindConfiguration(section);
        using var host = builder.Build();
        try
        {
            return [.. host.Services.GetRequiredService<IOptions<TOptions>>().Value];
        }
        catch (InvalidOperationException)
        {
            // A value that cannot be read is among the faults of the settings.
            return [];
        }
    }

    // What is no kind at all is a wrong setting, and told as one.
    private static string? FaultOf(string name, CredentialOptions credential) => credential.Kind switch
    {
        "api_key" or "auth_token" => CredentialFile.FaultOf(name, credential.File),
        "helper" when !File.Exists(credential.Command) => $"has no helper program. Name one with {CredentialsOptions.Section}:{name}:Command.",
        "helper" when (File.GetUnixFileMode(credential.Command ?? "") & SomebodyRuns) == 0 => "has a helper program that cannot be run. Make it executable (chmod +x).",
        _ => null,
    };
}
