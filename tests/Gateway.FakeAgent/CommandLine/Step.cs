namespace Gateway.FakeAgent.CommandLine;

/// <summary>One step of <c>[[fake: VERB ARGUMENTS; …]]</c>; <c>@N</c>, <c>@N+</c> or <c>@resume</c> before the verb restricts it to those attempts.</summary>
internal readonly record struct Step(string Condition, string Verb, string Arguments)
{
    private const string Opening = "[[fake:";

    public static List<Step> ParseAll(string prompt)
    {
        var steps = new List<Step>();
        for (var start = prompt.IndexOf(Opening, StringComparison.Ordinal); start >= 0; start = prompt.IndexOf(Opening, start + 1, StringComparison.Ordinal))
        {
            var end = prompt.IndexOf("]]", start, StringComparison.Ordinal);
            foreach (var part in prompt[(start + Opening.Length)..(end < 0 ? prompt.Length : end)].Split(';'))
            {
                if (part.AsSpan().Trim().Length > 0)
                {
                    steps.Add(Parse(part.Trim()));
                }
            }
        }

        return steps;
    }

    public bool AppliesTo(int attempt, bool resumed) => Condition switch
    {
        "" => true,
        "@resume" => resumed,
        [.., '+'] => attempt >= int.Parse(Condition.AsSpan(1, Condition.Length - 2), provider: null),
        _ => attempt == int.Parse(Condition.AsSpan(1), provider: null),
    };

    private static Step Parse(string text)
    {
        var condition = "";
        if (text.StartsWith('@'))
        {
            (condition, text) = Split(text);
        }

        var (verb, arguments) = Split(text);
        return new Step(condition, verb, arguments);
    }

    private static (string Head, string Tail) Split(string text) =>
        text.IndexOf(' ', StringComparison.Ordinal) is var space and > 0 ? (text[..space], text[(space + 1)..].TrimStart()) : (text, "");
}
