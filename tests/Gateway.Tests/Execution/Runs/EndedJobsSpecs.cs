using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Processes.Spool;
using Gateway.Tests.Execution.Doubles;
using Xunit;

namespace Gateway.Tests.Execution.Runs;

public sealed class EndedJobsSpecs
{
    private static readonly (string Key, string Value) Often = ("Worker:CleanUpInterval", "00:00:01");

    private readonly FakeControlPlane _plane = new() { Grant = _ => Grant() };

    [Fact]
    public async Task What_a_crash_between_release_and_removal_left_goes_at_the_next_start()
    {
        var host = await WorkerHost.StartAsync(_plane);
        try
        {
            host.Runner.BreaksAfterRelease = true;
            host.Runner.OnStart = run => run.End();
            var key = await host.SubmitAsync();
            await WorkerHost.UntilAsync(() => !host.Runner.Releases.IsEmpty && host.Table.Slots.Taken == 0, "released");
            await host.StopAsync();
            Assert.Equal(3, Traces(host, key.JobId).Count);
            _plane.Ended[key.JobId] = true;
            await using var next = await host.SucceedAsync();
            await WorkerHost.UntilAsync(() => Traces(host, key.JobId).Count == 0, "removed");
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_home_of_a_job_between_two_attempts_stays_until_the_job_has_ended()
    {
        _plane.JobEnded = false;
        await using var host = await WorkerHost.StartAsync(_plane, Often);
        host.Runner.OnStart = run => run.End(RunEndReason.Lost, null);
        var key = await host.SubmitAsync();
        Assert.IsType<AttemptLost>(await _plane.OutcomeAsync(key));
        await WorkerHost.UntilAsync(() => _plane.Questions.Count(question => question.JobIds.Contains(key.JobId)) >= 2, "asked twice");
        Assert.Equal(["homes", "work"], Traces(host, key.JobId));
        _plane.Ended[key.JobId] = true;
        await WorkerHost.UntilAsync(() => Traces(host, key.JobId).Count == 0, "removed");
    }

    [Fact]
    public async Task The_home_of_a_run_in_hand_stays_whatever_became_of_its_job()
    {
        await using var host = await WorkerHost.StartAsync(_plane, Often);
        var key = await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => host.Runner.Runs.Count == 1, "started");
        var left = Leave(host);
        _plane.Ended[key.JobId] = _plane.Ended[left] = true;
        await WorkerHost.UntilAsync(() => Traces(host, left).Count == 0, "the other one was removed");
        Assert.Equal(3, Traces(host, key.JobId).Count);
        Assert.DoesNotContain(_plane.Questions, question => question.JobIds.Contains(key.JobId));
        host.Runner.Run(WorkerHost.Id(key)).End();
        await _plane.OutcomeAsync(key);
    }

    [Fact]
    public async Task The_home_of_a_run_that_was_taken_in_hand_before_the_answer_came_stays()
    {
        await using var host = await WorkerHost.StartAsync(_plane, Often, ("Worker:AnswerTimeout", "00:00:20"));
        var (job, other) = (Leave(host), Leave(host));
        _plane.Ended[job] = _plane.Ended[other] = true;
        RunKey? taken = null;
        _plane.OnQuestion = async question =>
        {
            if (question.JobIds.Contains(job) && taken is null)
            {
                taken = await host.SubmitAsync(attempt: 2, job);
                await WorkerHost.UntilAsync(() => host.Runner.Runs.Count == 1, "started");
            }
        };
        await WorkerHost.UntilAsync(() => Traces(host, other).Count == 0, "the other one was removed");
        Assert.Equal(3, Traces(host, job).Count);
        host.Runner.Run(WorkerHost.Id(taken!.Value)).End();
        await _plane.OutcomeAsync(taken.Value);
    }

    [Fact]
    public async Task Many_are_asked_for_some_at_a_time()
    {
        await using var host = await WorkerHost.StartAsync(_plane, Often);
        var jobs = Enumerable.Range(0, (2 * FindEndedJobs.MostJobs) + 1).Select(_ => Leave(host)).ToList();
        jobs.ForEach(job => _plane.Ended[job] = true);
        await WorkerHost.UntilAsync(() => jobs.All(job => Traces(host, job).Count == 0), "removed");
        Assert.All(_plane.Questions, question => Assert.InRange(question.JobIds.Count, 1, FindEndedJobs.MostJobs));
    }

    [Fact]
    public async Task A_worker_that_keeps_nothing_asks_nothing()
    {
        await using var host = await WorkerHost.StartAsync(_plane, Often);
        Directory.CreateDirectory(Path.Combine(host.DataFolder, "homes", "not a job"));
        await WorkerHost.UntilAsync(() => _plane.Heartbeats.Count > 7, "looked at least once more");
        Assert.Empty(_plane.Questions);
        Assert.True(Directory.Exists(Path.Combine(host.DataFolder, "homes", "not a job")));
    }

    private static Guid Leave(WorkerHost host)
    {
        var job = Guid.NewGuid();
        Directory.CreateDirectory(Path.Combine(host.DataFolder, "homes", job.ToString("n"), "home"));
        return job;
    }

    private static List<string> Traces(WorkerHost host, Guid job) =>
    [
        .. ((string[])["homes", "work", "notes"]).Where(room => Directory.Exists(Path.Combine(host.DataFolder, room))
            && Directory.EnumerateFileSystemEntries(Path.Combine(host.DataFolder, room), $"{job:n}*").Any()),
    ];

    private static RunGrant Grant() => new()
    {
        Prompt = "do it",
        Claude = new ClaudeArguments(),
        SessionId = Guid.NewGuid(),
        CredentialName = "main",
        Timeout = TimeSpan.FromMinutes(7),
        IdleTimeout = TimeSpan.FromMinutes(1),
    };
}
