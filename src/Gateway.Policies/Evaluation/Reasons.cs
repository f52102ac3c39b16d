using System.Globalization;
using System.Text.Json;
using Gateway.Policies.Documents;
using Gateway.Policies.Limits;

namespace Gateway.Policies.Evaluation;

/// <summary>What a caller reads where the file gives no words of its own. Never a value of an argument.</summary>
internal static class Reasons
{
    public const string NoPolicy = "no policy is bound to this grant";
    public const string Unavailable = "the policy could not be applied; nothing was started";

    private const int MostChars = 500;

    public static string Hidden(string tool) => $"tool {tool} is hidden by policy";

    public static string NotPermitted(string tool) => $"tool {tool} is not permitted by policy";

    public static string Denied(string tool) => $"tool {tool} is denied by policy";

    public static string NeedsApproval(string tool) => $"tool {tool} needs approval";

    public static string Requires(Predicate predicate) =>
        Cut($"requires {predicate.Path.Text} {predicate.Operator.Name} {(predicate.Value.ValueKind == JsonValueKind.String ? predicate.Value.GetString() : CanonicalJson.Of(predicate.Value))}");

    public static string DeniedBy(Predicate predicate) => Cut($"denied by {predicate.Path.Text} {predicate.Operator.Name}");

    public static string NoAmount(CounterRule limit) => Cut($"{limit.IncrementFrom?.Text} must be a number of at least 0");

    public static string TooMuch(CounterRule limit) => Cut($"{limit.IncrementFrom?.Text} exceeds limit {limit.Counter} ({limit.Max.ToString("0.######", CultureInfo.InvariantCulture)})");

    private static string Cut(string reason) => reason.Length > MostChars ? $"{reason[..(MostChars - 3)]}..." : reason;
}
