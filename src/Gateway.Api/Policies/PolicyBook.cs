using System.Text;
using System.Text.Json.Nodes;
using Gateway.Hosting.Startup;
using Gateway.Policies;
using Gateway.Policies.Documents;
using Gateway.Policies.Grants;

namespace Gateway.Api.Policies;

/// <summary>
/// The policies in force. Loaded before anything is served; a reload swaps all of them at once, and a bad file leaves all of
/// them as they are. Counters, approvals and jobs are elsewhere and outlive it.
/// </summary>
internal sealed class PolicyBook(PolicySource source, ToolCatalog catalog, TimeProvider clock) : IGrantBook
{
    /// <summary>Label of the generated key of a gateway.</summary>
    public const string EmbeddedLabel = "local";

    /// <summary>Tenant of the generated key where no grants file names another.</summary>
    public const string EmbeddedTenant = "default";

    /// <summary>EX_CONFIG: something is wrong with the configuration.</summary>
    private const int WrongConfiguration = 78;

    private const string BuiltIn = "built-in";
    private readonly Lock loading = new();
    private volatile PolicyState? current;
    private volatile IReadOnlyList<string> faults = [];

    /// <summary>What is in force.</summary>
    /// <exception cref="StartRefusedException">It was never loaded, and cannot be.</exception>
    public PolicyState Current => current ?? Load();

    /// <summary>What is wrong with the files as they are now; empty when they are in force.</summary>
    public IReadOnlyList<string> Faults => faults;

    /// <inheritdoc />
    public PolicyGrant? Find(Credential credential) =>
        Current.Snapshot.Find(credential is Credential.ApiKey { Tenant: null } key ? key with { Tenant = EmbeddedTenant } : credential);

    /// <summary>Loads for the start.</summary>
    /// <exception cref="StartRefusedException">Something is wrong; nothing is to be served.</exception>
    public PolicyState Load()
    {
        lock (loading)
        {
            return current ??= Read(out var wrong) ?? throw new StartRefusedException("policy files", wrong, WrongConfiguration);
        }
    }

    /// <summary>Reads the files again.</summary>
    /// <returns>What is in force now; null when the files have faults and it is what it was.</returns>
    public PolicyState? Reload()
    {
        var state = Read(out var wrong);
        faults = wrong;
        current = state ?? current;
        return state;
    }

    private PolicyState? Read(out IReadOnlyList<string> wrong)
    {
        try
        {
            var files = source.Read();
            var (result, kind) = Parse(files);
            wrong = [.. result.Faults.Select(fault => fault.ToString())];
            return result.Snapshot is { } snapshot ? new PolicyState(snapshot, kind, clock.GetUtcNow(), files.Digest()) : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            wrong = [$"The policy files in {source.Place} cannot be read: {problem.Message}"];
            return null;
        }
    }

    private (LoadResult Result, string Kind) Parse(PolicyFiles files) => files switch
    {
        PolicyFiles.Granted granted => (SnapshotLoader.Load(Document(granted.GrantsFile), [.. granted.Policies.Select(Document)], catalog), "by a grants file"),
        PolicyFiles.ByLabel labels => (SnapshotLoader.LoadFolder([.. labels.Policies.Select(Document)], null, catalog), "a file for each label of a key"),
        PolicyFiles.One one => (SnapshotLoader.LoadOne(Document(one.Policy), [EveryKey], catalog), "one file for all keys"),
        _ => (SnapshotLoader.LoadOne(new DocumentFile(BuiltIn, BuiltInText()), [TheKey], catalog), "built in, for the generated key alone"),
    };

    private static GrantRule EveryKey => new() { Label = "any key", Match = new GrantMatch.AnyApiKey() };

    private static GrantRule TheKey => new() { Label = EmbeddedLabel, Tenant = EmbeddedTenant, Match = new GrantMatch.ApiKey(EmbeddedLabel) };

    private static DocumentFile Document(PolicyFile file) => new(file.Name, file.Content);

    // Deny by default, and each tool by name: what the key may do is then a matter of its scopes.
    private byte[] BuiltInText()
    {
        var tools = new JsonObject(catalog.All.Select(tool => KeyValuePair.Create(tool.Name, (JsonNode?)new JsonObject())));
        return Encoding.UTF8.GetBytes(new JsonObject { ["version"] = "1", ["default"] = "deny", ["tools"] = tools }.ToJsonString());
    }
}
