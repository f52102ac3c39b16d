using Gateway.Contracts.Values;

namespace Gateway.Contracts.McpServers;

/// <summary>What the section <c>McpServers</c> must be like. What API and workers both read is judged alike, so that neither starts with what the other refuses.</summary>
public static class McpServerRules
{
    /// <summary>The section's name.</summary>
    public const string Section = "McpServers";

    private const int MostNameLength = 64;

    /// <summary>Everything that is wrong with names, and with whom they are open to.</summary>
    /// <param name="servers">The members of the section.</param>
    public static IReadOnlyList<string> FaultsOf(IReadOnlyDictionary<string, McpServerEntry> servers) => [.. servers.SelectMany(one => FaultsOf(one.Key, one.Value))];

    /// <summary>Everything that is wrong with how they are reached, which workers alone need.</summary>
    /// <param name="servers">The members of the section.</param>
    public static IReadOnlyList<string> DefinitionFaultsOf(IReadOnlyDictionary<string, McpServerEntry> servers) => [.. servers.SelectMany(one => DefinitionFaultsOf($"{Section}:{one.Key}", one.Value))];

    /// <summary>Whether a text can be handed to a CLI as it is: CLIs put variables of their own in place of <c>$NAME</c> and <c>${NAME}</c>.</summary>
    /// <param name="text">A member of a definition.</param>
    public static bool IsPlain(string text) => !text.Any(char.IsControl)
        && !text.Zip(text.Skip(1)).Any(pair => pair.First == '$' && (pair.Second is '{' or '_' || char.IsAsciiLetterOrDigit(pair.Second)));

    private static IEnumerable<string> FaultsOf(string name, McpServerEntry server)
    {
        if (name.Length is 0 or > MostNameLength || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') || name[0] == '-')
        {
            yield return $"{Section}:{name}: a name is 1..{MostNameLength} of A-Za-z0-9_-, first no dash.";
        }

        foreach (var provider in server.Providers.Where(one => !AgentClis.All.Contains(one)))
        {
            yield return $"{Section}:{name}:Providers holds '{provider}', which is none of {string.Join(", ", AgentClis.All)}.";
        }

        if (server.Tenants.Any(string.IsNullOrWhiteSpace))
        {
            yield return $"{Section}:{name}:Tenants holds an empty name. Leave Tenants out to open it to all.";
        }
    }

    private static IEnumerable<string> DefinitionFaultsOf(string place, McpServerEntry server)
    {
        if (string.IsNullOrEmpty(server.Command) == string.IsNullOrEmpty(server.Url))
        {
            yield return $"{place} needs Command (a program) or Url (an address), and not both.";
            yield break;
        }

        var faults = string.IsNullOrEmpty(server.Url) ? ProgramFaultsOf(place, server) : AddressFaultsOf(place, server);
        foreach (var fault in faults)
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> ProgramFaultsOf(string place, McpServerEntry server)
    {
        if (!IsPath(server.Command))
        {
            yield return $"{place}:Command must be an absolute path{NoDollar}.";
        }

        if (server.Headers.Count + server.HeaderFiles.Count > 0)
        {
            yield return $"{place}:Headers are for a server with Url. Give a program its values in Environment.";
        }

        foreach (var path in server.Paths.Where(path => !IsPath(path)))
        {
            yield return $"{place}:Paths holds '{path}', which is no absolute path.";
        }

        // A value may be a secret, so none is repeated.
        foreach (var fault in TextFaultsOf(place, nameof(server.Args), server.Args.Index().Select(one => ($"{one.Index}", one.Item)))
            .Concat(TextFaultsOf(place, nameof(server.Environment), server.Environment.Select(one => (one.Key, one.Value))))
            .Concat(NameFaultsOf(place, nameof(server.Environment), server.Environment, server.EnvironmentFiles, IsVariable, "a letter or _, then letters, digits and _")))
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> AddressFaultsOf(string place, McpServerEntry server)
    {
        if (!Uri.TryCreate(server.Url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || !IsPlain(server.Url))
        {
            yield return $"{place}:Url must be an address that begins with http:// or https://{NoDollar}.";
        }
        else if (address.UserInfo.Length > 0)
        {
            yield return $"{place}:Url holds a user or password. Give it as a header: {place}:HeaderFiles:Authorization names the file.";
        }

        if (server.Args.Count + server.Environment.Count + server.EnvironmentFiles.Count + server.Paths.Count > 0)
        {
            yield return $"{place}: Args, Environment, EnvironmentFiles and Paths are for a server with Command. Give an address its values in Headers.";
        }

        foreach (var fault in TextFaultsOf(place, nameof(server.Headers), server.Headers.Select(one => (one.Key, one.Value)))
            .Concat(NameFaultsOf(place, nameof(server.Headers), server.Headers, server.HeaderFiles, IsHeader, "letters, digits and dashes")))
        {
            yield return fault;
        }
    }

    private const string NoDollar = ", without control characters and without $ before a name";

    private static IEnumerable<string> TextFaultsOf(string place, string member, IEnumerable<(string Key, string Value)> texts) =>
        texts.Where(one => !IsPlain(one.Value)).Select(one => $"{place}:{member}:{one.Key} holds a control character, or $ before a name, in whose place a CLI would put a variable of its own.");

    private static IEnumerable<string> NameFaultsOf(
        string place, string member, Dictionary<string, string> values, Dictionary<string, string> files, Func<string, bool> isName, string words)
    {
        var fileMember = member.TrimEnd('s') + "Files";
        return values.Keys.Select(key => (Member: member, Key: key)).Concat(files.Keys.Select(key => (Member: fileMember, Key: key)))
            .Where(one => !isName(one.Key)).Select(one => $"{place}:{one.Member}:{one.Key}: a name is {words}.")
            .Concat(files.Where(one => !IsPath(one.Value)).Select(one => $"{place}:{fileMember}:{one.Key} must be the absolute path of a file."))
            .Concat(files.Keys.Where(values.ContainsKey).Select(key => $"{place}:{fileMember}:{key}: {member} has a value of that name too. Leave one of them out."));
    }

    private static bool IsPath(string? path) => path is not null && Path.IsPathRooted(path) && IsPlain(path);

    private static bool IsVariable(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static bool IsHeader(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
