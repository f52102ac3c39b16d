namespace Gateway.Policies.Cases;

/// <summary>Plays cases to gateways, and says what was not as expected.</summary>
public static class CaseRunner
{
    /// <summary>Plays a case.</summary>
    /// <param name="one">The case.</param>
    /// <param name="gateway">A gateway of its own, started with the policy of the case.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<CaseResult> PlayAsync(PolicyCase one, ICaseGateway gateway, CancellationToken cancellationToken)
    {
        var expectations = new Expectations();
        foreach (var step in one.Steps)
        {
            await gateway.SetTimeAsync(one.Epoch.AddSeconds(step.AtSeconds), cancellationToken).ConfigureAwait(false);
            expectations.Compare(step, await AnswersOfAsync(step, gateway, cancellationToken).ConfigureAwait(false));
        }

        return new CaseResult(one, expectations.Differences);
    }

    private static async Task<IReadOnlyList<StepAnswer>> AnswersOfAsync(CaseStep step, ICaseGateway gateway, CancellationToken cancellationToken)
    {
        if (step.Tool is null)
        {
            return [await ControlAsync(step, gateway, cancellationToken).ConfigureAwait(false)];
        }

        if (step.IsParallel)
        {
            return await Task.WhenAll(Enumerable.Range(0, step.Repeat).Select(_ => Task.Run(() => gateway.CallAsync(step, cancellationToken), cancellationToken))).ConfigureAwait(false);
        }

        List<StepAnswer> answers = [];
        for (var i = 0; i < step.Repeat; i++)
        {
            answers.Add(await gateway.CallAsync(step, cancellationToken).ConfigureAwait(false));
        }

        return answers;
    }

    private static Task<StepAnswer> ControlAsync(CaseStep step, ICaseGateway gateway, CancellationToken cancellationToken) => step.Control switch
    {
        "load" => gateway.ReadLoadAsync(cancellationToken),
        "list" => gateway.ListAsync(step.Identity, cancellationToken),
        "setPolicy" => gateway.SetPolicyAsync(step.PolicyText ?? "", cancellationToken),
        "restart" => gateway.RestartAsync(cancellationToken),
        "approve" => gateway.DecideAsync(step.Of, step.By, approves: true, step.Comment, cancellationToken),
        "rejectApproval" => gateway.DecideAsync(step.Of, step.By, approves: false, step.Comment, cancellationToken),
        "job" => gateway.ReadJobAsync(step.Of, step.Expected.TryGetProperty("jobState", out var state) ? state.GetString() : null, cancellationToken),
        "finish" => gateway.FinishAsync(step.Of, step.CostUsd, cancellationToken),
        _ => gateway.ReadAuditAsync(cancellationToken),
    };
}
