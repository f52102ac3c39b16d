using System.Text;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>What a gateway keeps on its disk: for its owner's eyes alone, for as long as it is needed, and never a piece of it elsewhere.</summary>
public sealed class KeptFileSpecs : GatewayHouse
{
    private const UnixFileMode OthersMay =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // Each half is looked for as well: a text that is cut in its middle must not show either of them.
    private const string FirstHalf = "Hush4c7e";
    private const string SecondHalf = "9b1fMute";
    private const string Canary = FirstHalf + SecondHalf;

    private string Log => At("log");

    [Fact]
    public async Task Nothing_in_the_data_folder_is_anybodys_but_the_owners()
    {
        var gateway = await StartAsync();
        Assert.Equal("completed", (await gateway.Client.RunAsync("[[fake: print something; answer done]]")).Status);
        var hanging = await gateway.Client.SubmitAsync($"[[fake: print something; log {Log}; hang]]");
        await Wait.LinesAsync(Log, 1);

        var open = Everything(gateway.Data).Where(path => (Mode(path) & OthersMay) != 0).ToList();
        var folders = Everything(gateway.Data).Select(Path.GetFileName).ToList();

        Assert.True(open.Count == 0, string.Join('\n', open.Select(path => $"{path} {Mode(path)}")));
        Assert.Superset(new HashSet<string?> { "api-key", "pepper", "gateway.db", "gateway.db-wal", "gateway.db-shm", "gateway.db.lock", "admin.sock", "stdin", "stdout", "spec.json" }, folders.ToHashSet());
        await gateway.Client.CancelAsync(hanging.Id);
        await gateway.Client.EndAsync(hanging.Id);
    }

    [Fact]
    public async Task What_a_job_said_and_was_told_is_in_no_file_but_the_database_once_it_has_ended()
    {
        var gateway = await StartAsync();
        var gate = At("gate");
        var job = await gateway.Client.SubmitAsync($"[[fake: print {Canary}; stderr {Canary}; write x {Canary}; log {Log}; wait {gate}; answer {Canary}]]", ("noSessionPersistence", true));
        await Wait.LinesAsync(Log, 1);
        Assert.Contains(Holding(gateway.Data, Canary), path => !IsDatabase(path));

        await File.WriteAllTextAsync(gate, "", Token);
        Assert.Equal("completed", (await gateway.Client.EndAsync(job.Id)).Status);

        await Wait.UntilAsync(() => Holding(gateway.Data, Canary).All(IsDatabase), "the spool and the home are gone");
        Assert.NotEmpty(Holding(gateway.Data, Canary));
    }

    [Fact]
    public async Task A_text_that_is_cut_between_two_pieces_or_by_the_cap_shows_neither_half_to_anybody_but_the_owner()
    {
        // A piece has 64 KiB; the cap falls into the middle of the second one's canary.
        const int piece = 65_536, cap = 200_000;
        var gateway = await StartAsync(("Worker:OutputCapBytes", $"{cap}"), ("Logging:Format", "json"), ("Logging:LogLevel:Gateway", "Trace"));
        var split = await gateway.Client.RunAsync($"[[fake: no-init; print-bytes {piece - FirstHalf.Length} no-newline; print {Canary}; stderr {Canary}; answer done]]");
        var cut = await gateway.Client.RunAsync($"[[fake: no-init; print-bytes {cap - FirstHalf.Length} no-newline; print {Canary}; hang]]");
        var told = await gateway.Client.CallAsync("claude_request_async", new { prompt = "hi", model = new string('m', 75) + Canary, workingDir = "/" + new string('w', 490) + Canary });

        // The owner has it, whole or as far as it was kept.
        Assert.Contains(Canary, (await gateway.Client.RawAsync(split.Id)).Stdout, StringComparison.Ordinal);
        Assert.EndsWith(FirstHalf, (await gateway.Client.RawAsync(cut.Id)).Stdout, StringComparison.Ordinal);
        Assert.Equal(("failed", "output_limit"), (cut.Status, cut.FailureKind));

        // A caller's own value comes back in its refusal, cut: that is the caller's. Nobody else reads any of it.
        List<string> others = [told.Error.GetProperty("message").GetString()!, await AskAsync(gateway, "doctor", "--json"), await AskAsync(gateway, "dlq", "list", "--json")];
        foreach (var id in (string[])[split.Id, cut.Id])
        {
            others.AddRange([(await gateway.Client.StatusAsync(id)).ToString(), await AskAsync(gateway, "jobs", "show", id, "--json"), await AskAsync(gateway, "jobs", "tail", id, "--json")]);
        }

        await gateway.StopAsync();
        others.AddRange([gateway.Log, await File.ReadAllTextAsync(Path.Combine(gateway.Data, "worker", "runner", "runner.log"), Token)]);
        Assert.All(others, text => Assert.DoesNotContain(FirstHalf, text, StringComparison.Ordinal));
        Assert.All(others, text => Assert.DoesNotContain(SecondHalf, text, StringComparison.Ordinal));
    }

    private static async Task<string> AskAsync(GatewayProcess gateway, params string[] arguments) =>
        (await GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, [.. arguments, "--data-folder", gateway.Data])).Output;

    private static IEnumerable<string> Everything(string folder) =>
        Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Append(folder);

    // What an agent makes while this looks may be gone again.
    private static UnixFileMode Mode(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget is null ? File.GetUnixFileMode(path) : UnixFileMode.None;
        }
        catch (IOException)
        {
            return UnixFileMode.None;
        }
    }

    private static bool IsDatabase(string path) => Path.GetFileName(path).StartsWith("gateway.db", StringComparison.Ordinal);

    private static List<string> Holding(string folder, string text) => [.. Everything(folder).Where(path => Bytes(path).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0)];

    private static byte[] Bytes(string path)
    {
        try
        {
            // A pipe, as runtimes leave one in a run's temporary folder, has no length, and to open it would wait for its other end.
            if (new FileInfo(path) is not { Exists: true, Length: > 0 })
            {
                return [];
            }

            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            file.CopyTo(bytes);
            return bytes.ToArray();
        }
        catch (Exception nothing) when (nothing is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
