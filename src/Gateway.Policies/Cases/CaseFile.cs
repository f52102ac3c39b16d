using System.Globalization;
using System.Text.Json;

namespace Gateway.Policies.Cases;

/// <summary>A file of cases: calls in order, and what is expected of each.</summary>
/// <param name="Cases">The cases, in file order.</param>
public sealed record CaseFile(IReadOnlyList<PolicyCase> Cases)
{
    /// <summary>Reads a file.</summary>
    /// <param name="content">Its bytes.</param>
    /// <exception cref="CaseFileException">It is no file of cases.</exception>
    public static CaseFile Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            var root = document.RootElement.Clone();
            var shared = IdentitiesOf(root);
            return new CaseFile([.. Member(root, "cases", JsonValueKind.Array, "The file").EnumerateArray().Select((one, index) => CaseOf(one, index, shared))]);
        }
        catch (JsonException broken)
        {
            throw new CaseFileException($"The file of cases is not JSON: {broken.Message}");
        }
    }

    private static PolicyCase CaseOf(JsonElement json, int index, IReadOnlyDictionary<string, CaseIdentity> shared)
    {
        var id = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("id", out var named) && named.ValueKind == JsonValueKind.String ? named.GetString() ?? "" : $"number {index + 1}";
        var what = $"Case {id}";
        var calls = Member(json, "calls", JsonValueKind.Array, what).EnumerateArray().ToList();
        var expected = Member(json, "expect", JsonValueKind.Array, what).EnumerateArray().ToList();
        if (calls.Count != expected.Count)
        {
            throw new CaseFileException($"{what} has {calls.Count} calls and expects {expected.Count} answers: there is one for each.");
        }

        var steps = calls.Zip(expected).Select((step, number) => CaseStep.Read(step.First, step.Second, $"{what}, step {number}", number)).ToList();
        return new PolicyCase
        {
            Id = id,
            Name = json.TryGetProperty("name", out var name) ? name.ToString() : "",
            Epoch = DateTimeOffset.TryParse(json.TryGetProperty("epoch", out var epoch) ? epoch.ToString() : "2026-01-05T00:00:00Z", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                ? at
                : throw new CaseFileException($"{what} has an epoch that is no time: {epoch}."),
            PolicyText = json.TryGetProperty("policy", out var policy) ? TextOf(policy) : null,
            Identities = IdentitiesOf(json) is { Count: > 0 } own ? shared.Where(i => !own.ContainsKey(i.Key)).Concat(own).ToDictionary(StringComparer.Ordinal) : shared,
            Steps = steps,
        };
    }

    /// <summary>The text that is written to disk as the policy file.</summary>
    internal static string TextOf(JsonElement policy) =>
        policy.ValueKind == JsonValueKind.Object && policy.EnumerateObject().Count() == 1 && policy.TryGetProperty("$text", out var text) ? text.GetString() ?? "" : policy.GetRawText();

    /// <summary>A member that has to be there.</summary>
    internal static JsonElement Member(JsonElement json, string name, JsonValueKind kind, string what) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var found) && found.ValueKind == kind
            ? found
            : throw new CaseFileException($"{what} has no {name}, or it is no {kind.ToString().ToLowerInvariant()}.");

    private static Dictionary<string, CaseIdentity> IdentitiesOf(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("identities", out var found) && found.ValueKind == JsonValueKind.Object
            ? found.EnumerateObject().ToDictionary(
                one => one.Name,
                one => new CaseIdentity(one.Name, Member(one.Value, "tenant", JsonValueKind.String, $"The identity {one.Name}").GetString() ?? "", one.Value.TryGetProperty("mayDecide", out var may) && may.ValueKind == JsonValueKind.True),
                StringComparer.Ordinal)
            : [];
}
