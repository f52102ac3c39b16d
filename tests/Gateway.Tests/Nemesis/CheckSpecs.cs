using Gateway.Nemesis.Checks;
using Gateway.Nemesis.History;
using Xunit;

namespace Gateway.Tests.Nemesis;

/// <summary>Each check of the nemesis holds on a sound history, and breaks on one that is falsified where it looks.</summary>
public sealed class CheckSpecs
{
    private static readonly Guid Nobody = Guid.Parse("99999999-9999-9999-9999-999999999999");

    /// <summary>What is falsified, and which check alone has to see it.</summary>
    private static readonly (string What, Type Check, Func<RunHistory, RunHistory> Falsify)[] Falsified =
    [
        ("an accepted job is gone", typeof(EveryAcceptedJobIsThere), h => h with { Jobs = [h.Jobs[1]] }),
        ("one key was answered with two jobs", typeof(EveryAcceptedJobIsThere), h => h with { Stories = h.Stories.With(0, s => s with { Accepted = [Histories.Completed, Nobody] }) }),
        ("one key is two jobs", typeof(EveryAcceptedJobIsThere), h => h with { Jobs = [.. h.Jobs, h.Jobs[0] with { Id = Nobody }] }),
        ("a job is there that nobody wanted", typeof(EveryAcceptedJobIsThere), h => h with { Jobs = [.. h.Jobs, h.Jobs[0] with { Id = Nobody, Key = "k3" }] }),
        ("a job is not final", typeof(EveryJobHasOneFinalState), h => h with { Jobs = h.Jobs.With(1, j => j with { State = "Canceling", FinishedAtMs = null }) }),
        ("a final state was left", typeof(EveryJobHasOneFinalState), h => h with { Transitions = [.. h.Transitions, new(Histories.Canceled, 4, "Completed", 1)] }),
        ("a final row was changed", typeof(EveryJobHasOneFinalState), h => h with { Jobs = h.Jobs.With(0, j => j with { Version = 9 }) }),
        ("a version fell", typeof(EveryJobHasOneFinalState), h => h with { Transitions = [new(Histories.Completed, 3, "Queued", 0), .. h.Transitions] }),
        ("an attempt number fell", typeof(EveryJobHasOneFinalState), h => h with { Transitions = [new(Histories.Canceled, 1, "Queued", 2), .. h.Transitions] }),
        ("a step is no edge of the table", typeof(EveryJobHasOneFinalState), h => h with { Transitions = [.. h.Transitions, new(Histories.Canceled, 4, "Queued", 1)] }),
        ("a client saw an end undone", typeof(ClientsSeeTheFinalStateOnly), h => h with { Stories = h.Stories.With(0, s => s with { Observations = [.. s.Observations, new(700, 710, "running", 2)] }) }),
        ("a client was told another end than is stored", typeof(ClientsSeeTheFinalStateOnly), h => h with { Stories = h.Stories.With(1, s => s with { Observations = [new(400, 410, "completed", 1)] }) }),
        ("an end was told nobody", typeof(EveryEndIsToldOnce), h => h with { Events = [.. h.Events.Take(3)] }),
        ("two ends were told of one job", typeof(EveryEndIsToldOnce), h => h with { Events = [.. h.Events, Histories.Told("AgentJobFailed", Histories.Canceled, 1, 3)] }),
        ("an end was told under two ids", typeof(EveryEndIsToldOnce), h => h with { Events = [.. h.Events, Histories.Told("AgentJobCanceled", Histories.Canceled, 1, 4)] }),
        ("an event has another id outside than inside", typeof(EveryEndIsToldOnce), h => h with { Events = h.Events.With(0, e => e with { MessageId = Nobody }) }),
        ("a start was told under two ids", typeof(EveryEndIsToldOnce), h => h with { Events = [.. h.Events, Histories.Told("AgentJobStarted", Histories.Completed, 1, 5)] }),
        ("an attempt was started twice", typeof(RunsDoNotOverlap), h => h with { Runs = [.. h.Runs, new(Histories.Canceled, 1, 390, null, null)] }),
        ("a run ended after the next had begun", typeof(RunsDoNotOverlap), h => h with { Runs = h.Runs.With(0, r => r with { StopTicks = 301, ExitCode = 0 }) }),
        ("a cut run was seen alive after the next had begun", typeof(RunsDoNotOverlap), h => h with { Sightings = h.Sightings.With(0, s => s with { LastTicks = 301 }) }),
        ("a run began after the cancel was through", typeof(NothingStartsAfterTheEnd), h => h with { Stories = h.Stories.With(1, s => s with { Cancels = [new(100, 120, 1_200, "canceled", 0)] }) }),
        ("a run began after the end was told", typeof(NothingStartsAfterTheEnd), h => h with { Stories = h.Stories.With(1, s => s with { Observations = [new(100, 120, "canceled", 0)] }) }),
        ("a process outlived its job", typeof(NothingOutlivesItsJob), h => h with { Sightings = h.Sightings.With(2, s => s with { LastAtMs = 12_001 }) }),
        ("a process is left", typeof(NothingOutlivesItsJob), h => h with { LeftProcesses = ["7 sleep"] }),
        ("a spool is left", typeof(NothingOutlivesItsJob), h => h with { LeftSpools = ["w1 x-1"] }),
        ("stored output is shorter than told", typeof(OutputIsWhole), h => h with { Attempts = h.Attempts.With(1, a => a with { Streams = [new("stdout", 5, "aa", 4, "bb")] }) }),
        ("stored output is not what was told", typeof(OutputIsWhole), h => h with { Attempts = h.Attempts.With(1, a => a with { Streams = [new("stdout", 5, "aa", 5, "bb")] }) }),
        ("the agent printed something else", typeof(OutputIsWhole), h => h with { Attempts = h.Attempts.With(1, a => a with { Streams = [new("stdout", 5, "aa", 5, "aa", "cc")] }) }),
        ("an answer is another job's", typeof(AnswersAreTheJobsOwn), h => h with { Stories = h.Stories.With(0, s => s with { Collected = "done k2" }) }),
        ("more attempts were counted than allowed", typeof(AttemptsAreCounted), h => h with { Jobs = h.Jobs.With(0, j => j with { MaxAttempts = 1 }) }),
        ("more attempts were counted than granted", typeof(AttemptsAreCounted), h => h with { Jobs = h.Jobs.With(1, j => j with { CountedAttempts = 2 }) }),
        ("a run began that was never granted", typeof(AttemptsAreCounted), h => h with { Jobs = h.Jobs.With(1, j => j with { Attempt = 0, CountedAttempts = 0 }) }),
        ("the outbox holds a row", typeof(NothingIsPending), h => h with { OutboxRows = ["urn:message:x dead"] }),
        ("a lease is held", typeof(NothingIsPending), h => h with { Leases = [$"{Histories.Completed}/1"] }),
        ("a queue holds a message", typeof(NothingIsPending), h => h with { Queues = h.Queues.With(0, q => q with { Messages = 1 }) }),
        ("a message is unacknowledged", typeof(NothingIsPending), h => h with { Queues = h.Queues.With(1, q => q with { Unacknowledged = 1 }) }),
        ("something was set aside that is no poison", typeof(NothingIsPending), h => h with { Queues = h.Queues.With(1, q => q with { MessageIds = ["poison", "else"] }) }),
        ("a job took less than no time", typeof(DurationsArePositive), h => h with { Jobs = h.Jobs.With(0, j => j with { DurationMs = -1 }) }),
        ("a job ended before it was accepted", typeof(DurationsArePositive), h => h with { Jobs = h.Jobs.With(0, j => j with { CreatedAtMs = 9_001 }) }),
        ("an attempt took less than no time", typeof(DurationsArePositive), h => h with { Attempts = h.Attempts.With(0, a => a with { DurationMs = -1 }) }),
        ("a process had too much memory", typeof(MemoryIsBounded), h => h with { Memory = [new("api1", 201, 200)] }),
        ("liveness failed", typeof(HealthTellsTheTruth), h => h with { Probes = h.Probes.With(0, p => p with { Live = 503 }) }),
        ("a gateway was ready without its database", typeof(HealthTellsTheTruth), h => h with { Probes = h.Probes.With(0, p => p with { Ready = 200 }) }),
        ("a gateway is not ready in the end", typeof(HealthTellsTheTruth), h => h with { Probes = h.Probes.With(2, p => p with { Ready = 503 }) }),
        ("a cost was counted twice", typeof(CostIsCountedOnce), h => h with { Jobs = h.Jobs.With(0, j => j with { CostUsd = 0.02m }) }),
        ("a cost was not counted", typeof(CostIsCountedOnce), h => h with { Jobs = h.Jobs.With(0, j => j with { CostUsd = null }), Attempts = h.Attempts.With(1, a => a with { CostUsd = null }) }),
        ("a cost was counted for more runs than there were", typeof(CostIsCountedOnce), h => h with { Jobs = h.Jobs.With(0, j => j with { CostUsd = 0.03m }), Attempts = h.Attempts.With(1, a => a with { CostUsd = 0.03m }) }),
        ("a job was canceled that nobody canceled", typeof(EndsAreWhatHappened), h => h with { Stories = h.Stories.With(1, s => s with { CancelAsked = false }) }),
        ("a job is completed whose agent failed", typeof(EndsAreWhatHappened), h => h with { Runs = h.Runs.With(1, r => r with { ExitCode = 3 }) }),
        ("a job failed as lost, and nothing was", typeof(EndsAreWhatHappened), h => h with { Jobs = h.Jobs.With(0, j => j with { State = "Failed", FailureKind = "worker_lost" }), Attempts = [h.Attempts[1], h.Attempts[2]] }),
        ("a job failed in a way that its agent did not", typeof(EndsAreWhatHappened), h => h with { Jobs = h.Jobs.With(0, j => j with { State = "Failed", FailureKind = "internal" }) }),
        ("a cancel took too long", typeof(CancelsAreTimely), h => h with { Jobs = h.Jobs.With(1, j => j with { FinishedAtMs = 21_201 }) }),
    ];

    public static TheoryData<string> Falsifications => [.. Falsified.Select(f => f.What)];

    [Fact]
    public void On_a_sound_history_every_check_looks_at_something_and_holds() => Assert.All(CheckList.All, check =>
    {
        var finding = check.Find(Histories.Sound);
        Assert.Empty(finding.Violations);
        Assert.True(finding.Examined > 0, $"{check.Name} looked at nothing");
    });

    [Theory]
    [MemberData(nameof(Falsifications))]
    public void A_falsified_history_is_seen(string what)
    {
        var (_, type, falsify) = Falsified.Single(f => f.What == what);

        var finding = CheckList.All.Single(check => check.GetType() == type).Find(falsify(Histories.Sound));

        Assert.NotEmpty(finding.Violations);
    }

    [Fact]
    public void Every_check_is_falsified_at_least_once() => Assert.Equal(CheckList.All.Select(c => c.GetType()).ToHashSet(), Falsified.Select(f => f.Check).ToHashSet());

    [Fact]
    public void Every_check_there_is_is_used() =>
        Assert.Equal(typeof(Check).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Check))).ToHashSet(), CheckList.All.Select(c => c.GetType()).ToHashSet());

    [Fact]
    public void A_disturbed_time_does_not_count_against_a_cancel()
    {
        var late = Histories.Sound with { Jobs = Histories.Sound.Jobs.With(1, j => j with { FinishedAtMs = 30_000 }) };

        Assert.NotEmpty(new CancelsAreTimely().Find(late).Violations);
        Assert.Empty(new CancelsAreTimely().Find(late with { Outages = [new("broker", 2_000, 14_000)] }).Violations);
    }
}
