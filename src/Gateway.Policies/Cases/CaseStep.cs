using System.Text.Json;

namespace Gateway.Policies.Cases;

/// <summary>One step of a case: a call of a tool, or a control.</summary>
public sealed record CaseStep
{
    private const int MostRepeats = 100_000;

    /// <summary>All controls.</summary>
    public static readonly IReadOnlyList<string> Controls = ["load", "list", "setPolicy", "restart", "approve", "rejectApproval", "job", "finish", "audit"];

    /// <summary>Its number, from 0: later steps name it with <c>of</c>.</summary>
    public required int Number { get; init; }

    /// <summary>Seconds after the epoch of the case.</summary>
    public double AtSeconds { get; init; }

    /// <summary>The tool that is called; null for a control.</summary>
    public string? Tool { get; init; }

    /// <summary>One of <see cref="Controls"/>; null for a call.</summary>
    public string? Control { get; init; }

    /// <summary>The arguments of the call, an object.</summary>
    public JsonElement Arguments { get; init; }

    /// <summary>The transport's session; null for none.</summary>
    public string? Session { get; init; }

    /// <summary>Who calls or asks for the list.</summary>
    public string Identity { get; init; } = "";

    /// <summary>Who decides.</summary>
    public string By { get; init; } = "";

    /// <summary>What the person says.</summary>
    public string? Comment { get; init; }

    /// <summary>The step whose job or approval is meant.</summary>
    public int Of { get; init; }

    /// <summary>How often the call is made.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>All at once.</summary>
    public bool IsParallel { get; init; }

    /// <summary>The transaction that writes the job is rolled back.</summary>
    public bool EnqueueFails { get; init; }

    /// <summary>The job is written, and its program cannot be started.</summary>
    public bool StartFails { get; init; }

    /// <summary>Text of the policy file that is written.</summary>
    public string? PolicyText { get; init; }

    /// <summary>Real cost of the job; null where the program tells none.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>What is expected, an object.</summary>
    public required JsonElement Expected { get; init; }

    internal static CaseStep Read(JsonElement json, JsonElement expected, string what, int number)
    {
        string? Text(string name) => json.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;
        T Number<T>(string name, Func<JsonElement, T> read, T otherwise) => !json.TryGetProperty(name, out var found) || found.ValueKind == JsonValueKind.Null
            ? otherwise
            : found.ValueKind == JsonValueKind.Number ? read(found) : throw new CaseFileException($"{what} has a {name} that is no number.");
        if (json.ValueKind != JsonValueKind.Object || expected.ValueKind != JsonValueKind.Object || (Text("tool") is null) == (Text("control") is null))
        {
            throw new CaseFileException($"{what} is no object with a tool or a control, or what it expects is no object.");
        }

        if (Text("control") is { } control && !Controls.Contains(control))
        {
            throw new CaseFileException($"{what} has the unknown control {control}. There are {string.Join(", ", Controls)}.");
        }

        return new CaseStep
        {
            Number = number,
            AtSeconds = Number("atSeconds", n => n.GetDouble(), 0),
            Tool = Text("tool"),
            Control = Text("control"),
            Arguments = json.TryGetProperty("args", out var arguments) ? arguments : JsonElement.Parse("{}"),
            Session = Text("session"),
            Identity = Text("identity") ?? "",
            By = Text("by") ?? "",
            Comment = Text("comment") ?? Text("reason"),
            Of = Number("of", n => n.GetInt32(), 0) is var of && of >= 0 && of <= number ? of : throw new CaseFileException($"{what} names step {of}, which is none before it."),
            Repeat = Number("repeat", n => n.GetInt32(), 1) is var repeat && repeat is >= 1 and <= MostRepeats ? repeat : throw new CaseFileException($"{what} is repeated {repeat} times: 1 to {MostRepeats} are possible."),
            IsParallel = json.TryGetProperty("parallel", out var parallel) && parallel.ValueKind == JsonValueKind.True,
            EnqueueFails = Text("enqueue") == "fails",
            StartFails = Text("start") == "fails",
            PolicyText = json.TryGetProperty("policy", out var policy) ? CaseFile.TextOf(policy) : null,
            CostUsd = Number<decimal?>("costUsd", n => n.GetDecimal(), null),
            Expected = expected,
        };
    }
}
