using System.Globalization;
using System.Text;
using Gateway.FakeAgent.Behaviour;
using Gateway.FakeAgent.CommandLine;
using Gateway.FakeAgent.Platform;

namespace Gateway.FakeAgent.Codex;

/// <summary>Plays the steps of the prompt one after the other, then ends as Codex would.</summary>
internal sealed class CodexAgent(CodexArguments arguments, string prompt, CodexRollout rollout, Signals signals)
{
    private const int UsageError = 2;

    private readonly CodexLines _lines = new(rollout.Id);
    private string? _answer;
    private string? _problem;
    private long _input = 2534;
    private long _output = 10;
    private int? _exitCode;
    private bool _cut;

    public static int Run(string[] args, Signals signals)
    {
        var arguments = CodexArguments.Parse(args);
        if (arguments.Problem is { } problem)
        {
            return Refuse($"error: {problem}", UsageError);
        }

        var prompt = Prompt.Read(null);
        if (string.IsNullOrWhiteSpace(prompt))
        {
            return Refuse("No prompt provided via stdin.", 1);
        }

        return CodexRollout.Open(arguments, out problem) is { } rollout ? new CodexAgent(arguments, prompt, rollout, signals).Play() : Refuse(problem, 1);
    }

    private static int Refuse(string problem, int exitCode)
    {
        Output.Error(problem + "\n");
        return exitCode;
    }

    private int Play()
    {
        var steps = Step.ParseAll(prompt);
        if (steps.Count == 0 && arguments.Resumes)
        {
            // A continuation prompt says nothing of its own: what the first prompt meant for later attempts is played.
            steps = Step.ParseAll(rollout.FirstPrompt).FindAll(s => s.Condition.Length > 0);
        }

        steps.RemoveAll(s => !s.AppliesTo(Behaviour.Run.Attempt, arguments.Resumes));
        rollout.WritePrompt(prompt);
        if (!steps.Exists(s => s.Verb == "no-init"))
        {
            _lines.Started();
            CodexLines.TurnStarted();
        }

        foreach (var step in steps)
        {
            if (!Speak(step.Verb, step.Arguments) && !Effects.Play(step.Verb, step.Arguments, signals) && !Faults.Play(step.Verb, step.Arguments, signals) && !Decide(step.Verb, step.Arguments))
            {
                return Refuse($"The fake agent has no verb '{step.Verb}' as Codex.", UsageError);
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
            case "warn":
                _lines.Warn(text);
                return true;
            case "tool" or "denied":
                var parts = text.Split(' ', 2);
                _lines.Tool(parts[0], parts.Length > 1 ? parts[1] : "ok", verb == "denied" ? "declined" : "completed");
                return true;
            case "retry":
                var limit = int.Parse(text, CultureInfo.InvariantCulture);
                for (var i = 1; i <= limit; i++)
                {
                    CodexLines.Reconnect(i, limit);
                }

                return true;
            case "unknown":
                CodexLines.Unknown();
                return true;
            case "no-init" or "close-stdin":
                return true;
            default:
                return false;
        }
    }

    /// <summary>Verbs that change how it ends.</summary>
    private bool Decide(string verb, string text)
    {
        switch (verb)
        {
            case "answer" or "structured":
                _answer = text;
                return true;
            case "answer-bytes":
                _answer = Flood.Answer(text);
                return true;
            case "answer-file":
                _answer = Effects.Contents(text);
                return true;
            case "dump":
                _answer = Dump.OfThisProcess(prompt);
                return true;
            case "tokens":
                (_input, _output) = (long.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture), long.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture));
                return true;
            case "code":
                _exitCode = int.Parse(text, CultureInfo.InvariantCulture);
                return true;
            case "cut-result":
                _cut = true;
                return true;
            case "fail":
                _problem = text;
                return true;
            case "api-error":
                _problem = Failure(text);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The failures of the API as the real CLI words them, the key of the run among them.</summary>
    private static string Failure(string kind) => kind switch
    {
        "401" => $"unexpected status 401 Unauthorized: Incorrect API key provided: {Environment.GetEnvironmentVariable("CODEX_API_KEY")}. You can find your API key at https://platform.openai.com/account/api-keys., url: http://127.0.0.1/v1/responses",
        "429" => "exceeded retry limit, last status: 429 Too Many Requests",
        "usage-limit" => "You’ve hit your usage limit. Visit https://chatgpt.com/settings/usage to purchase more credits or try again later.",
        "404" => "The model `stub` does not exist or you do not have access to it.",
        "400-too-long" => "Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying.",
        "500" => "We’re currently experiencing high demand, which may cause temporary errors.",
        "drop" => "stream disconnected before completion: error sending request",
        _ => $"unexpected status {kind} Some Status: words of the server, url: http://127.0.0.1/v1/responses",
    };

    private int End()
    {
        var (input, output) = (rollout.InputBefore + _input, rollout.OutputBefore + _output);
        if (_problem is null)
        {
            _answer ??= arguments.AsksForStructure ? """{"answer":"42"}""" : $"You said: {prompt}";
            _lines.Say(_answer);
        }
        else
        {
            CodexLines.Problem(_problem);
        }

        rollout.WriteTokens(input, output);
        var line = Encoding.UTF8.GetBytes((_problem is null ? CodexLines.TurnCompleted(input, output) : CodexLines.TurnFailed(_problem)) + "\n");
        Output.Bytes(_cut ? line.AsSpan(0, line.Length / 2) : line);
        var exitCode = _exitCode ?? (_problem is null ? 0 : 1);
        signals.Ending?.Invoke(exitCode);
        return exitCode;
    }
}
