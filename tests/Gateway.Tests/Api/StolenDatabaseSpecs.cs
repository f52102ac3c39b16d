using System.Text;
using Gateway.Api.Auth;
using Gateway.Jobs.Keys;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>Somebody has every file of the database, and nothing else of the gateway.</summary>
public sealed class StolenDatabaseSpecs : IAsyncLifetime
{
    // So few characters of a key's secret part are 72 bits: no two texts share them by chance.
    private const int Window = 12;
    private readonly StoreBench bench = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await bench.StartAsync();

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task No_piece_of_a_key_or_of_what_seals_it_is_in_any_file_of_the_database()
    {
        var (peppers, secret) = Open("pepper");
        var ring = new KeyRing(bench.Jobs.Get<IApiKeyStore>(), peppers, TimeProvider.System, NullLogger<KeyRing>.Instance);
        var desk = new KeyDesk(bench.Jobs.Get<IApiKeyStore>(), ring, peppers, TimeProvider.System, NullLogger<KeyDesk>.Instance);
        var first = await desk.CreateAsync("ci", "acme", [Scopes.JobsRead], null, "operator:1", Token);
        Assert.NotNull(await ring.FindAsync(first.Text));
        var second = await desk.RotateAsync(first.Key.KeyId, TimeSpan.FromHours(1), "operator:1", Token);
        Assert.NotNull(await ring.FindAsync(second!.Value.Text));
        await desk.RevokeAsync(first.Key.KeyId, "operator:1", Token);
        Assert.Null(await ring.FindAsync(first.Text));

        var files = Files();
        Assert.Contains(files, file => Holds(file, second.Value.Key.Prefix) && Holds(file, second.Value.Key.Hash));
        foreach (var text in (string[])[first.Text["gwk_".Length..][Window..], second.Value.Text["gwk_".Length..][Window..], secret])
        {
            for (var i = 0; i + Window <= text.Length; i++)
            {
                Assert.DoesNotContain(files, file => Holds(file, text.Substring(i, Window)));
            }
        }
    }

    [Fact]
    public async Task With_the_rows_and_a_pepper_of_ones_own_no_key_opens()
    {
        var store = bench.Jobs.Get<IApiKeyStore>();
        var (peppers, _) = Open("pepper");
        var desk = new KeyDesk(store, new KeyRing(store, peppers, TimeProvider.System, NullLogger<KeyRing>.Instance), peppers, TimeProvider.System, NullLogger<KeyDesk>.Instance);
        var (key, text) = await desk.CreateAsync("ci", "acme", [Scopes.JobsRead], null, "operator:1", Token);

        var thief = new KeyRing(store, Open("another").Peppers, TimeProvider.System, NullLogger<KeyRing>.Instance);
        foreach (var tried in (string[])[text, "gwk_" + key.Prefix + key.Hash[..31], "gwk_" + key.Hash[..43], key.Hash])
        {
            Assert.Null(await thief.FindAsync(tried));
        }
    }

    private static bool Holds(byte[] file, string text) => file.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) >= 0;

    private (Peppers Peppers, string Secret) Open(string name)
    {
        var peppers = Peppers.Open(bench.Folder.File(name), mayCreate: true);
        return (peppers, File.ReadAllText(bench.Folder.File(name)).Split(' ')[1].Trim());
    }

    /// <summary>The bytes of the database, its log and its index.</summary>
    private List<byte[]> Files() => Directory.GetFiles(bench.Folder.Path, "gateway.db*").Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Select(file =>
    {
        using var bytes = new MemoryStream();
        using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        open.CopyTo(bytes);
        return bytes.ToArray();
    }).ToList();
}
