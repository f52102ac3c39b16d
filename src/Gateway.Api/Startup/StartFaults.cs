using Gateway.Storage;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Startup;

/// <summary>Turns what can be wrong at start into readable lines: a person who mistyped a setting needs its name, not a stack.</summary>
internal static class StartFaults
{
    private const int WrongSettings = 2;
    private const int CannotStart = 3;

    /// <summary>Runs the host; answers the exit code of the process.</summary>
    /// <param name="run">The host.</param>
    public static async Task<int> ExplainAsync(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (OptionsValidationException problem)
        {
            return Tell("The gateway cannot start with these settings:", problem.Failures, WrongSettings);
        }
        catch (AggregateException problem) when (problem.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            return Tell("The gateway cannot start with these settings:", problem.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures), WrongSettings);
        }
        catch (Exception problem) when (problem is DatabaseInUseException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return Tell("The gateway cannot start:", [problem.Message], CannotStart);
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
