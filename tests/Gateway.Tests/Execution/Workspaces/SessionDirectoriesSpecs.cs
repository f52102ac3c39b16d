using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Execution.Workspaces;
using Gateway.Tests.Execution.Doubles;
using Xunit;

namespace Gateway.Tests.Execution.Workspaces;

/// <summary>The private working directory of a session: the same for each of its runs on a worker, gone with the session.</summary>
public sealed class SessionDirectoriesSpecs : IDisposable
{
    private readonly string _room = Directory.CreateTempSubdirectory("gwses").FullName;
    private readonly Guid _session = Guid.NewGuid();

    private string Folder => Path.Combine(_room, _session.ToString("n"));

    public void Dispose() => Directory.Delete(_room, recursive: true);

    [Fact]
    public async Task What_one_job_leaves_there_the_next_job_of_the_session_finds()
    {
        var plane = new FakeControlPlane { Grant = _ => Grant(_session) };
        await using var host = await WorkerHost.StartAsync(plane, ("Worker:CleanUpInterval", "00:00:01"));
        List<string> places = [];
        host.Runner.OnStart = run =>
        {
            places.Add(run.Start.WorkingDirectory);
            File.AppendAllText(Path.Combine(run.Start.WorkingDirectory, "notes"), "x");
            run.End();
        };
        await EndAsync(host, plane);
        await EndAsync(host, plane);
        Assert.Equal(places[0], places[1]);
        Assert.Equal("xx", File.ReadAllText(Path.Combine(places[0], "notes")));

        await WorkerHost.UntilAsync(() => plane.Questions.Count(question => question.SessionIds.Contains(_session)) >= 2, "asked twice");
        Assert.True(Directory.Exists(places[0]));
        plane.Ended[_session] = true;
        await WorkerHost.UntilAsync(() => !Directory.Exists(places[0]), "it went with its session");
    }

    [Fact]
    public void An_empty_one_goes_with_the_last_run_that_is_in_it()
    {
        var directories = new SessionDirectories(_room);
        var (one, other) = (Guid.NewGuid(), Guid.NewGuid());
        directories.Enter(_session, one).Dispose();
        directories.Enter(_session, other).Dispose();
        directories.Leave(_session, one);
        Assert.Equal([_session], directories.Ids());
        directories.Leave(_session, other);
        Assert.Empty(directories.Ids());

        // One that nobody knows of, as after a restart.
        directories.Leave(_session, one);
    }

    [Fact]
    public void One_in_which_a_run_works_is_not_removed_whatever_became_of_its_session()
    {
        var directories = new SessionDirectories(_room);
        var job = Guid.NewGuid();
        directories.Enter(_session, job).Dispose();
        File.WriteAllText(Path.Combine(Folder, "notes"), "x");
        directories.Remove(_session);
        Assert.True(Directory.Exists(Folder));
        directories.Leave(_session, job);
        Assert.True(Directory.Exists(Folder));
        directories.Remove(_session);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public void A_link_in_its_place_is_not_worked_in()
    {
        var elsewhere = Directory.CreateTempSubdirectory("gwelse").FullName;
        Directory.CreateSymbolicLink(Folder, elsewhere);
        Assert.Throws<IOException>(() => new SessionDirectories(_room).Enter(_session, Guid.NewGuid()));
        Directory.Delete(elsewhere);
    }

    private static async Task EndAsync(WorkerHost host, FakeControlPlane plane)
    {
        var key = await host.SubmitAsync();
        Assert.IsNotType<AttemptLost>(await plane.OutcomeAsync(key));
        await WorkerHost.UntilAsync(() => host.Table.Slots.Taken == 0, "slot free");
    }

    private static RunGrant Grant(Guid session) => new()
    {
        Prompt = "do it",
        Claude = new ClaudeArguments(),
        SessionId = session,
        WorkOfSession = session,
        CredentialName = "main",
        Timeout = TimeSpan.FromMinutes(7),
        IdleTimeout = TimeSpan.FromMinutes(1),
    };
}
