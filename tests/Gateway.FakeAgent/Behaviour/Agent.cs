using System.Globalization;
using System.Text;
using Gateway.FakeAgent.CommandLine;
using Gateway.FakeAgent.Platform;
using Gateway.FakeAgent.Stream;

namespace Gateway.FakeAgent.Behaviour;

/// <summary>Plays the steps of the prompt one after the other, then ends as the real CLI would.</summary>
internal sealed class Agent(Arguments arguments, string prompt, Transcript transcript, Signals signals)
{
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly ClaudeLines _lines = new(arguments, transcript.SessionId);
    private readonly Outcome _outcome = new();

    public static int Run(Arguments arguments, string prompt, Signals signals)
    {
        var transcript = Transcript.Open(arguments, out var problem);
        if (transcript is null)
        {
            Output.Error(arguments.Resume is null ? $"Error: {problem}\n" : $"{problem}\n");
            if (arguments.Resume is { } unknown && arguments.Format == "stream-json")
            {
                var refused = new Outcome { Subtype = "error_during_execution", IsError = true, Problem = problem, Turns = 0, CostUsd = 0, InputTokens = 0, OutputTokens = 0 };
                Output.Line(ResultLine.Of(refused, arguments, unknown, 0, 0, 0));
            }

            return 1;
        }

        return new Agent(arguments, prompt, transcript, signals).Play();
    }

    private int Play()
    {
        var resumed = arguments.Resume is not null;
        var steps = Step.ParseAll(prompt);
        if (steps.Count == 0 && resumed)
        {
            // A continuation prompt says nothing of its own: what the first prompt meant for later attempts is played.
            steps = Step.ParseAll(transcript.FirstPrompt).FindAll(s => s.Condition.Length > 0);
        }

        steps.RemoveAll(s => !s.AppliesTo(Behaviour.Run.Attempt, resumed));
        transcript.WritePrompt(prompt);
        if (!steps.Exists(s => s.Verb == "no-init"))
        {
            _lines.Init();
            _lines.Status();
        }

        foreach (var step in steps)
        {
            if (!Speak(step.Verb, step.Arguments) && !Effects.Play(step.Verb, step.Arguments, signals) && !Faults.Play(step.Verb, step.Arguments, signals) && !Decide(step.Verb, step.Arguments))
            {
                Output.Error($"The fake agent has no verb '{step.Verb}'.\n");
                return 2;
            }
        }

        return End();
    }

    /// <summary>Verbs that print lines of the stream.</summary>
    private bool Speak(string verb, string text)
    {
        switch (verb)
        {
            case "say":
                _lines.Say(text);
                return true;
            case "think":
                _lines.Think(text);
                return true;
            case "tool":
            case "denied":
                var (name, result) = text.IndexOf(' ', StringComparison.Ordinal) is var space and > 0 ? (text[..space], text[(space + 1)..]) : (text, "ok");
                _lines.Tool(name, result, denied: verb == "denied");
                _outcome.Turns++;
                if (verb == "denied")
                {
                    _outcome.Denials.Add($$$"""{"tool_name":{{{Json.Text(name)}}},"tool_use_id":"toolu_1","tool_input":{"command":"true"}}""");
                }

                return true;
            case "retry":
                for (var i = 1; i <= int.Parse(text, CultureInfo.InvariantCulture); i++)
                {
                    _lines.Retry(i, 500);
                }

                return true;
            case "say-bytes":
                Flood.InLines(text, _lines);
                return true;
            case "unknown":
                _lines.Unknown();
                return true;
            case "no-init":
            case "close-stdin":
                return true;
            default:
                return false;
        }
    }

    /// <summary>Verbs that change what the last line says.</summary>
    private bool Decide(string verb, string text)
    {
        switch (verb)
        {
            case "answer":
                _outcome.Answer = text;
                return true;
            case "answer-bytes":
                _outcome.Answer = Flood.Answer(text);
                return true;
            case "answer-file":
                _outcome.Answer = Effects.Contents(text);
                return true;
            case "dump":
                _outcome.Answer = Dump.OfThisProcess(prompt);
                return true;
            case "cost":
                _outcome.CostUsd = double.Parse(text, CultureInfo.InvariantCulture);
                return true;
            case "tokens":
                _outcome.InputTokens = long.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);
                _outcome.OutputTokens = long.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture);
                return true;
            case "turns":
                _outcome.Turns = int.Parse(text, CultureInfo.InvariantCulture);
                return true;
            case "code":
                _outcome.ExitCode = int.Parse(text, CultureInfo.InvariantCulture);
                return true;
            case "results":
                _outcome.Results = int.Parse(text, CultureInfo.InvariantCulture);
                return true;
            case "cut-result":
                _outcome.Cut = true;
                return true;
            case "structured":
                _outcome.Structured = text;
                return true;
            case "no-structured":
                _outcome.Structured = "";
                return true;
            case "is-error":
                (_outcome.IsError, _outcome.Answer, _outcome.TerminalReason) = (true, text, "api_error");
                return true;
            case "fail":
                (_outcome.IsError, _outcome.Subtype, _outcome.TerminalReason, _outcome.Problem, _outcome.ExitCode) = (true, text, Failures.TerminalReason(text), Failures.Problem(text), 1);
                return true;
            case "api-error":
                Failures.Apply(text, _outcome, _lines);
                return true;
            default:
                return false;
        }
    }

    private int End()
    {
        var echoed = _outcome.Answer is null && _outcome.Subtype == "success";
        _outcome.Answer ??= $"You said: {prompt}";
        if (arguments.AsksForStructure && _outcome is { IsError: false, Structured: null })
        {
            _outcome.Structured = """{"answer":"42"}""";
        }

        _outcome.Structured = _outcome.Structured is { Length: > 0 } json ? json : null;
        if (!_outcome.IsError && (echoed || _outcome.Answer.Length > 0))
        {
            _lines.Say(_outcome.Answer);
        }

        transcript.WriteAnswer(_outcome.Answer, transcript.CostBefore + _outcome.CostUsd);
        for (var index = 0; index < _outcome.Results; index++)
        {
            PrintResult(index);
        }

        signals.Ending?.Invoke(_outcome.ExitCode);
        return _outcome.ExitCode;
    }

    private void PrintResult(int index)
    {
        if (arguments.Format == "text")
        {
            Output.Line(_outcome.Answer!);
            return;
        }

        var line = Encoding.UTF8.GetBytes(ResultLine.Of(
            _outcome, arguments, transcript.SessionId, transcript.CostBefore, index, (long)TimeProvider.System.GetElapsedTime(_started).TotalMilliseconds) + "\n");
        Output.Bytes(_outcome.Cut ? line.AsSpan(0, line.Length / 2) : line);
    }
}
