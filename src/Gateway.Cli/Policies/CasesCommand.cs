using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Cli.Admin;
using Gateway.Cli.Terminal;
using Gateway.Policies;
using Gateway.Policies.Cases;

namespace Gateway.Cli.Policies;

/// <summary><c>gateway policy test</c>: plays cases to the engine of the gateway, on a clock that they set and a store that is thrown away.</summary>
internal static class CasesCommand
{
    /// <summary>The command.</summary>
    public static Command Create(AdminOptions options, Func<ToolCatalog> tools)
    {
        var file = new Argument<string>("file") { Description = "The policy of the cases that have none of their own." };
        var cases = new Argument<string>("cases") { Description = "The file of cases: calls in order, and what is expected of each." };
        var only = new Option<string?>("--case") { Description = "Play the case of this id alone." };
        var command = new Command("test", "Play cases to a policy, without a gateway. Exit code 0 when all went as expected, 1 with a difference, 2 when a file cannot be read.") { file, cases, only };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                var text = TextOf(await File.ReadAllBytesAsync(parsed.GetRequiredValue(file), cancellationToken));
                var given = CaseFile.Read(await File.ReadAllBytesAsync(parsed.GetRequiredValue(cases), cancellationToken)).Cases;
                return await PlayAsync(options.ScreenOf(parsed), text, Chosen(given, parsed.GetValue(only)), tools(), cancellationToken);
            }
            catch (Exception problem) when (problem is CaseFileException or IOException or UnauthorizedAccessException or DecoderFallbackException)
            {
                await Outlet.ErrorAsync(problem.Message);
                return ExitCodes.Refused;
            }
        });
        return command;
    }

    private static string TextOf(byte[] content) => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(content);

    private static IReadOnlyList<PolicyCase> Chosen(IReadOnlyList<PolicyCase> cases, string? id)
    {
        var chosen = id is null ? cases : [.. cases.Where(one => one.Id == id)];
        return chosen.Count > 0 ? chosen : throw new CaseFileException(id is null ? "The file has no cases." : $"There is no case {id}. There are {string.Join(", ", cases.Select(one => one.Id))}.");
    }

    private static async Task<int> PlayAsync(Screen screen, string policy, IReadOnlyList<PolicyCase> cases, ToolCatalog tools, CancellationToken cancellationToken)
    {
        List<CaseResult> results = [];
        foreach (var one in cases)
        {
            await using var gateway = new SimulatedGateway(one.PolicyText ?? policy, one.Identities, tools);
            results.Add(await CaseRunner.PlayAsync(one, gateway, cancellationToken));
        }

        Show(screen, results);
        return results.TrueForAll(result => result.Differences.Count == 0) ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void Show(Screen screen, List<CaseResult> results)
    {
        if (screen.AsJson)
        {
            screen.Whole(RecordOf(results).ToJsonString());
            return;
        }

        foreach (var (one, differences) in results)
        {
            screen.Whole(PlainText.Line($"{(differences.Count == 0 ? "ok     " : "DIFFERS")} {one.Id} {one.Name}"));
            foreach (var difference in differences)
            {
                screen.Whole(PlainText.Line($"        step {difference.Step}: {difference.What} wanted {difference.Wanted}, got {difference.Got}"));
            }
        }
    }

    private static JsonObject RecordOf(List<CaseResult> results) => new()
    {
        ["passed"] = results.Count(result => result.Differences.Count == 0),
        ["failed"] = results.Count(result => result.Differences.Count > 0),
        ["cases"] = new JsonArray([.. results.Select(result => new JsonObject
        {
            ["id"] = result.Case.Id,
            ["name"] = result.Case.Name,
            ["asExpected"] = result.Differences.Count == 0,
            ["differences"] = new JsonArray([.. result.Differences.Select(difference => new JsonObject
            {
                ["step"] = difference.Step,
                ["what"] = difference.What,
                ["wanted"] = difference.Wanted,
                ["got"] = difference.Got,
            })]),
        })]),
    };
}
