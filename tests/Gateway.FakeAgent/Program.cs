using Gateway.FakeAgent.Behaviour;
using Gateway.FakeAgent.Codex;
using Gateway.FakeAgent.CommandLine;
using Gateway.FakeAgent.Gemini;
using Gateway.FakeAgent.Platform;

if (args is ["--version"] or ["-v"])
{
    Output.Line("2.1.330 (Claude Code)");
    return 0;
}

if (CodexArguments.AreMeant(args))
{
    return CodexAgent.Run(args, new Signals());
}

if (GeminiArguments.AreMeant(args))
{
    return GeminiAgent.Run(args, new Signals());
}

var arguments = Arguments.Parse(args);
if (arguments.Problem is { } problem)
{
    Output.Error($"error: {problem}\n");
    return 1;
}

var signals = new Signals();
var prompt = Prompt.Read(arguments.PromptArgument);
if (prompt.Length == 0)
{
    Output.Error("Error: Input must be provided either through stdin or as a prompt argument when using --print\n");
    return 1;
}

return Agent.Run(arguments, prompt, signals);
