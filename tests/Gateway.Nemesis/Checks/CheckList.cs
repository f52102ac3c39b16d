namespace Gateway.Nemesis.Checks;

/// <summary>Every check there is.</summary>
internal static class CheckList
{
    public static IReadOnlyList<Check> All { get; } =
    [
        new EveryAcceptedJobIsThere(), new EveryJobHasOneFinalState(), new ClientsSeeTheFinalStateOnly(), new EveryEndIsToldOnce(), new RunsDoNotOverlap(), new NothingStartsAfterTheEnd(),
        new NothingOutlivesItsJob(), new OutputIsWhole(), new AnswersAreTheJobsOwn(), new AttemptsAreCounted(), new NothingIsPending(), new DurationsArePositive(), new MemoryIsBounded(),
        new HealthTellsTheTruth(), new CostIsCountedOnce(), new EndsAreWhatHappened(), new CancelsAreTimely(),
    ];
}
