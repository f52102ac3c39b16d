namespace Gateway.Jobs.Reading;

/// <summary>Which events of a job are wanted.</summary>
/// <param name="AfterSeq">Events after this one.</param>
/// <param name="Limit">At most so many, 0 to 64.</param>
public readonly record struct ProgressQuery(long AfterSeq, int Limit);
