using Gateway.Policies.Cases;
using Gateway.Tests.Support;
using Xunit;
using static Gateway.Tests.Policies.Texts;

namespace Gateway.Tests.Policies;

/// <summary>The cases of the specification, played to the production engine and a store that is thrown away.</summary>
public sealed class CaseSpecs
{
    public static TheoryData<string> Ids => [.. Cases.Select(c => c.Id)];

    private static IReadOnlyList<PolicyCase> Cases { get; } = CaseFile.Read(System.IO.File.ReadAllBytes(RepositoryFiles.Path("tests/Gateway.Tests/Policies/policy-cases.json"))).Cases;

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_case_of_the_specification_goes_as_expected(string id)
    {
        var one = Cases.Single(c => c.Id == id);
        await using var gateway = new SimulatedGateway(one.PolicyText!, one.Identities, Tools);

        var result = await CaseRunner.PlayAsync(one, gateway, TestContext.Current.CancellationToken);

        Assert.Equal([], result.Differences.Select(d => $"step {d.Step}: {d.What} wanted {d.Wanted}, got {d.Got}"));
    }
}
