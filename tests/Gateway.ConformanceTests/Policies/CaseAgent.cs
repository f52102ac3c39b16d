using System.Globalization;
using System.Text;
using Gateway.Tests.Support;

namespace Gateway.ConformanceTests.Policies;

/// <summary>A CLI that begins, says so, and goes on until a case ends it: with its cost as the fake agent does, else without a word.</summary>
internal sealed class CaseAgent
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Runnable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly string folder;

    public CaseAgent(string folder)
    {
        this.folder = Directory.CreateDirectory(folder).FullName;
        Program = Path.Combine(folder, "agent");
        var built = new DirectoryInfo(AppContext.BaseDirectory);
        var fake = Path.GetFullPath(Path.Combine(built.FullName, "..", "..", "Gateway.FakeAgent", built.Name, "Gateway.FakeAgent"));
        File.WriteAllText(Program, $"""
            #!/bin/sh
            cat > /dev/null
            run={folder}/$(printf %s "$GATEWAY_RUN" | tr / .)
            mkfifo "$run"
            read -r cost < "$run"
            [ -n "$cost" ] || exit 1
            printf '[[fake: cost %s; answer done]]' "$cost" | exec {fake} "$@"

            """);
        MayStart(true);
    }

    public string Program { get; }

    /// <summary>Whether its file is a program at all.</summary>
    public void MayStart(bool may) => File.SetUnixFileMode(Program, may ? Runnable : Readable);

    /// <summary>Whether any process of the job was ever started.</summary>
    public bool HasStarted(Guid jobId) => FileOf(jobId) is not null;

    /// <summary>Ends the job's run: well with its cost, badly without one.</summary>
    public async Task EndAsync(Guid jobId, decimal? costUsd, CancellationToken cancellationToken)
    {
        await EmbeddedJobs.EventuallyAsync(() => Task.FromResult(HasStarted(jobId)), "The job never started.");
        await using var pipe = new FileStream(FileOf(jobId) ?? "", FileMode.Open, FileAccess.Write);
        await pipe.WriteAsync(Encoding.ASCII.GetBytes(costUsd?.ToString(CultureInfo.InvariantCulture) + "\n"), cancellationToken);
    }

    private string? FileOf(Guid jobId) => Directory.EnumerateFiles(folder, $"{jobId:D}.*").FirstOrDefault();
}
