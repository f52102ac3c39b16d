using MassTransit;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting.Startup;

/// <summary>Turns what can be wrong at start into readable lines: a person who mistyped a setting needs its name, not a stack.</summary>
public static class StartFaults
{
    private const int WrongSettings = 2;
    private const int CannotStart = 3;

    /// <summary>Runs the host; answers the exit code of the process.</summary>
    /// <param name="program">What the program is called in these lines, such as <c>gateway</c>.</param>
    /// <param name="run">The host.</param>
    /// <param name="isTold">Faults of the host's own parts whose message says all that a person needs.</param>
    public static async Task<int> ExplainAsync(string program, Func<Task> run, Func<Exception, bool>? isTold = null)
    {
        try
        {
            await run();
            return 0;
        }
        catch (StartRefusedException problem)
        {
            return Tell($"The {program} cannot start with these {problem.What}:", problem.Faults, problem.ExitCode);
        }
        catch (OptionsValidationException problem)
        {
            return Tell($"The {program} cannot start with these settings:", problem.Failures, WrongSettings);
        }
        catch (AggregateException problem) when (problem.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            return Tell($"The {program} cannot start with these settings:", problem.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures), WrongSettings);
        }
        catch (Exception problem) when (problem is InvalidOperationException or IOException or UnauthorizedAccessException or MassTransitException || isTold?.Invoke(problem) == true)
        {
            return Tell($"The {program} cannot start:", MessagesOf(problem), CannotStart);
        }
    }

    // A transport says that it failed, and its cause says why.
    private static IEnumerable<string> MessagesOf(Exception problem)
    {
        for (var one = problem; one is not null; one = problem is MassTransitException ? one.InnerException : null)
        {
            yield return one.Message;
        }
    }

    private static int Tell(string head, IEnumerable<string> faults, int exitCode)
    {
        Console.Error.WriteLine(head);
        foreach (var fault in faults.Distinct(StringComparer.Ordinal))
        {
            Console.Error.WriteLine($"  {fault}");
        }

        return exitCode;
    }
}
