using System.Text;
using Gateway.Policies;
using Gateway.Policies.Documents;
using Xunit;

namespace Gateway.Tests.Support;

/// <summary>Policies for tests that are about something else, and for those that write their own.</summary>
internal static class TestPolicies
{
    /// <summary>Lets everything pass.</summary>
    public static Policy AllowAll { get; } = Of("""{"version":"1","default":"allow"}""");

    /// <summary>The policy of a text.</summary>
    public static Policy Of(string json, params IEnumerable<ToolFacts> tools)
    {
        var result = SnapshotLoader.LoadOne(new DocumentFile("test.json", Encoding.UTF8.GetBytes(json)), [], new ToolCatalog(tools));
        Assert.Empty(result.Faults);
        return Assert.Single(result.Snapshot!.Policies);
    }
}
