using System.Collections.Concurrent;
using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.McpServers;

namespace Gateway.Execution.Runs;

/// <summary>
/// The keys that runs under way log in with, and the secrets of their MCP servers, to be kept out of what is told of them. Of a run that an
/// earlier process started they are asked again, each for itself: what cannot be had any more is not blotted out, all else is.
/// </summary>
internal sealed class RunKeys(CredentialStore credentials, McpServerShelf servers)
{
    private readonly ConcurrentDictionary<RunKey, KeyMask> _masks = new();

    /// <summary>Remembers the key of a run that is started.</summary>
    /// <param name="run">The run.</param>
    /// <param name="credential">What it logs in with.</param>
    /// <param name="reached">The MCP servers that it has.</param>
    public void Remember(RunKey run, ProviderCredential credential, IReadOnlyList<McpServer> reached) =>
        _masks[run] = KeyMask.Of([credential.Value, .. reached.SelectMany(server => server.Secrets)]);

    /// <summary>Forgets a run.</summary>
    /// <param name="run">The run.</param>
    public void Forget(RunKey run) => _masks.TryRemove(run, out _);

    /// <summary>What blots out the key of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="note">What is known of it.</param>
    /// <param name="cancellationToken">Ends a helper program.</param>
    public async Task<KeyMask> MaskOfAsync(RunKey run, RunNote note, CancellationToken cancellationToken)
    {
        if (_masks.TryGetValue(run, out var known))
        {
            return known;
        }

        // The store has told its log; output of a run under way is not to be lost for it.
        List<string?> secrets = [];
        try
        {
            secrets.Add((await credentials.FindAsync(note.CredentialName, cancellationToken)).Value);
        }
        catch (RunRefusedException)
        {
        }

        foreach (var name in note.McpServers ?? [])
        {
            try
            {
                secrets.AddRange(servers.Take([name], note.Tenant ?? "", note.Provider).SelectMany(server => server.Secrets));
            }
            catch (RunRefusedException)
            {
            }
        }

        return _masks[run] = KeyMask.Of(secrets);
    }
}
