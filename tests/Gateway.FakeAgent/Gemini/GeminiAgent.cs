using System.Globalization;
using System.Text;
using Gateway.FakeAgent.Behaviour;
using Gateway.FakeAgent.CommandLine;
using Gateway.FakeAgent.Platform;

namespace Gateway.FakeAgent.Gemini;

/// <summary>Plays the steps of the prompt one after the other, then ends as Gemini CLI would.</summary>
internal sealed class GeminiAgent(GeminiArguments arguments, string prompt, GeminiSession session, Signals signals)
{
    private const int AuthError = 41;
    private const int InputError = 42;

    private readonly GeminiLines _lines = new(session.Id, arguments.Model);
    private readonly GeminiOutcome _outcome = new();

    public static int Run(string[] args, Signals signals)
    {
        var arguments = GeminiArguments.Parse(args);
        if (arguments.Problem is { } problem)
        {
            return Refuse(problem, 1);
        }

        if (GeminiSession.AuthProblem() is { } unauthorized)
        {
            return Refuse(unauthorized, AuthError);
        }

        if (GeminiSession.Open(arguments, out problem) is not { } session)
        {
            return Refuse(problem, InputError);
        }

        var prompt = Prompt.Read(null);
        return prompt.Length == 0 ? Refuse("No input provided via stdin.", InputError) : new GeminiAgent(arguments, prompt, session, signals).Play();
    }

    private static int Refuse(string problem, int exitCode)
    {
        Output.Error(problem + "\n");
        return exitCode;
    }

    private int Play()
    {
        var resumed = arguments.Resume is not null;
        var steps = Step.ParseAll(prompt);
        if (steps.Count == 0 && resumed)
        {
            // A continuation prompt says nothing of its own: what the first prompt meant for later attempts is played.
            steps = Step.ParseAll(session.FirstPrompt).FindAll(s => s.Condition.Length > 0);
        }

        steps.RemoveAll(s => !s.AppliesTo(Behaviour.Run.Attempt, resumed));
        session.WritePrompt(prompt);
        if (!steps.Exists(s => s.Verb == "no-init"))
        {
            _lines.Init();
            GeminiLines.User(prompt);
        }

        foreach (var step in steps)
        {
            if (!Speak(step.Verb, step.Arguments) && !Effects.Play(step.Verb, step.Arguments, signals) && !Faults.Play(step.Verb, step.Arguments, signals) && !Decide(step.Verb, step.Arguments))
            {
                return Refuse($"The fake agent has no verb '{step.Verb}' as Gemini CLI.", 2);
            }
        }

        return End();
    }

    private bool Speak(string verb, string text)
    {
        switch (verb)
        {
            case "say":
                GeminiLines.Say(text);
                return true;
            case "tool" or "denied":
                var parts = text.Split(' ', 2);
                _lines.Tool(parts[0], parts.Length > 1 ? parts[1] : "ok", denied: verb == "denied");
                return true;
            case "unknown":
                GeminiLines.Unknown();
                return true;
            case "no-init" or "close-stdin":
                return true;
            default:
                return false;
        }
    }

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
            case "tokens":
                _outcome.InputTokens = long.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);
                _outcome.OutputTokens = long.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture);
                return true;
            case "code":
                _outcome.ExitCode = int.Parse(text, CultureInfo.InvariantCulture);
                return true;
            case "cut-result":
                _outcome.Cut = true;
                return true;
            case "api-error":
                FailAtTheProvider(int.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture), text);
                return true;
            case "fail":
                (_outcome.Failed, _outcome.ErrorType, _outcome.ErrorText, _outcome.ExitCode) = (true, text, $"{text} happened.", 1);
                return true;
            case "invalid":
                _outcome.Failed = true;
                GeminiLines.Problem(text);
                return true;
            default:
                return false;
        }
    }

    // The status is the exit code as far as the system keeps it, but for a model that is not known: that is told on stderr alone.
    private void FailAtTheProvider(int status, string text)
    {
        (_outcome.Failed, _outcome.ErrorType, _outcome.ErrorText, _outcome.ExitCode) = (true, "unknown", $"[API Error: {text}]", status % 256);
        if (status == 404)
        {
            _outcome.ExitCode = 1;
            Output.Error("Error when talking to Gemini API ModelNotFoundError: model\n");
        }
    }

    private int End()
    {
        if (!_outcome.Failed)
        {
            _outcome.Answer ??= $"You said: {prompt}";
            if (_outcome.Answer.Length > 0)
            {
                GeminiLines.Say(_outcome.Answer);
            }

            session.WriteAnswer(_outcome.Answer);
        }

        var line = Encoding.UTF8.GetBytes(_lines.Result(_outcome) + "\n");
        Output.Bytes(_outcome.Cut ? line.AsSpan(0, line.Length / 2) : line);
        signals.Ending?.Invoke(_outcome.ExitCode);
        return _outcome.ExitCode;
    }
}
