using Gateway.ConformanceTests.Support;
using Gateway.Policies.Cases;
using Xunit;

namespace Gateway.ConformanceTests.Policies;

public sealed class PolicyCaseSpecsOnSqlite() : PolicyCaseSpecs(Databases.Sqlite);

public sealed class PolicyCaseSpecsOnPostgreSql() : PolicyCaseSpecs(Databases.PostgreSql);

/// <summary>The cases of the specification and our own, played to a gateway that runs: real MCP over HTTP, a real database, real processes.</summary>
public abstract class PolicyCaseSpecs(Databases databases)
{
    private static readonly IReadOnlyList<PolicyCase> Cases = [.. CasesOf("policy-cases.json"), .. CasesOf("own-cases.json")];

    public static TheoryData<string> Ids => [.. Cases.Select(one => one.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_case_goes_as_expected_through_a_running_gateway(string id)
    {
        var one = Cases.Single(found => found.Id == id);
        await using var gateway = await RunningGateway.StartAsync(one, databases, TestContext.Current.CancellationToken);

        var result = await CaseRunner.PlayAsync(one, gateway, TestContext.Current.CancellationToken);

        Assert.Equal([], result.Differences.Select(d => $"step {d.Step}: {d.What} wanted {d.Wanted}, got {d.Got}"));
    }

    private static IReadOnlyList<PolicyCase> CasesOf(string file) => CaseFile.Read(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, file))).Cases;
}
