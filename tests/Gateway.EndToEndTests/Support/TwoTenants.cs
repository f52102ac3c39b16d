using System.Text.Json;
using Gateway.EndToEndTests.Doubles;

namespace Gateway.EndToEndTests.Support;

/// <summary>Two teams behind one gateway, each with a tenant, a key and a policy of its own.</summary>
internal sealed class TwoTenants : IDisposable
{
    private const string Grants = """
        { "version": "1", "policies": { "acme": "acme.json", "bolt": "bolt.json" },
          "grants": [
            { "label": "acme-team", "tenant": "acme", "policy": "acme", "match": { "api_key": "acme-ci" } },
            { "label": "bolt-team", "tenant": "bolt", "policy": "bolt", "match": { "api_key": "bolt-ci" } } ] }
        """;

    private TwoTenants(GatewayProcess gateway, string acme, string bolt)
    {
        (Gateway, AcmeKey, BoltKey) = (gateway, acme, bolt);
        Acme = new McpCaller(() => gateway.Url, () => acme);
        Bolt = new McpCaller(() => gateway.Url, () => bolt);
    }

    /// <summary>A policy that lets everything pass.</summary>
    public static string Open => """{ "version": "1", "default": "allow" }""";

    public GatewayProcess Gateway { get; }

    public string AcmeKey { get; }

    public string BoltKey { get; }

    public McpCaller Acme { get; }

    public McpCaller Bolt { get; }

    /// <summary>Starts a gateway on a folder, and has the keys made as an operator would.</summary>
    public static async Task<TwoTenants> StartAsync(string folder, IEnumerable<(string Name, string Value)> settings, string? acme = null, string? bolt = null, string? program = null)
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var policies = Directory.CreateDirectory(Path.Combine(Directory.CreateDirectory(folder, ownerOnly).FullName, "policies")).FullName;
        await File.WriteAllTextAsync(Path.Combine(policies, "grants.json"), Grants);
        await File.WriteAllTextAsync(Path.Combine(policies, "acme.json"), acme ?? Open);
        await File.WriteAllTextAsync(Path.Combine(policies, "bolt.json"), bolt ?? Open);
        var gateway = await GatewayProcess.StartAsync(folder, settings, program);
        return new TwoTenants(gateway, await KeyAsync(gateway, "acme"), await KeyAsync(gateway, "bolt"));
    }

    public void Dispose()
    {
        Acme.Dispose();
        Bolt.Dispose();
    }

    private static async Task<string> KeyAsync(GatewayProcess gateway, string tenant)
    {
        var (code, output) = await GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["keys", "create", "--label", $"{tenant}-ci", "--tenant", tenant, "--json", "--data-folder", gateway.Data]);
        return code == 0 ? JsonElement.Parse(output).GetProperty("key").GetString()! : throw new InvalidOperationException(output);
    }
}
