using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Nemesis.Checks;

namespace Gateway.Nemesis.Reporting;

/// <summary>The result in the form that the test suites have, so that <c>build/test</c> counts each check as a test.</summary>
internal static class CtrfFile
{
    /// <summary>Writes a run's result.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="findings">What the checks found.</param>
    /// <param name="faults">What did not come to rest, or clients could not deal with.</param>
    public static void Write(string file, IReadOnlyList<Finding> findings, IReadOnlyList<string> faults) => Write(
        file,
        [.. findings.Select(f => (f.Check, f.Violations.Count == 0 ? "passed" : "failed", string.Join('\n', f.Violations))), ("all comes to rest", faults.Count == 0 ? "passed" : "failed", string.Join('\n', faults))]);

    /// <summary>Writes that nothing could be run here, and why.</summary>
    public static void WriteSkipped(string file, string reason) => Write(file, [.. CheckList.All.Select(check => (check.Name, "skipped", reason))]);

    private static void Write(string file, IReadOnlyList<(string Name, string Status, string Message)> tests)
    {
        var summary = new JsonObject { ["tests"] = tests.Count, ["pending"] = 0, ["other"] = 0 };
        foreach (var status in (string[])["passed", "failed", "skipped"])
        {
            summary[status] = tests.Count(t => t.Status == status);
        }

        var list = new JsonArray([.. tests.Select(t => new JsonObject { ["name"] = $"Nemesis: {t.Name}", ["status"] = t.Status, ["duration"] = 0, ["message"] = t.Message })]);
        var root = new JsonObject { ["results"] = new JsonObject { ["tool"] = new JsonObject { ["name"] = "Gateway.Nemesis" }, ["summary"] = summary, ["tests"] = list } };
        File.WriteAllText(file, root.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }
}
