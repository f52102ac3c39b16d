using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Cli.Admin;
using Gateway.Cli.Terminal;
using Gateway.Policies;

namespace Gateway.Cli.Policies;

/// <summary><c>gateway policy explain</c>: would a call pass, what is left, and when again. Nothing is counted, stored or started.</summary>
internal static class ExplainCommand
{
    private const string EmbeddedLabel = "local";
    private static readonly string[] Columns = ["", ""];

    /// <summary>The command.</summary>
    public static Command Create(AdminOptions options, Func<ToolCatalog> tools, ExplainCall explain)
    {
        var tool = new Option<string>("--tool") { Description = "The tool that would be called.", Required = true };
        var arguments = new Option<string>("--args") { Description = "Its arguments as a JSON object; - reads them from standard input. Default: {}.", DefaultValueFactory = _ => "{}" };
        var grant = new Option<string?>("--grant") { Description = "Label of the grant in whose name is asked; default: that of the gateway's own key." };
        var tenant = new Option<string?>("--tenant") { Description = "Its tenant, where the grant does not name one." };
        var caller = new Option<string?>("--caller") { Description = "The caller as records name it, where a grant has many: LABEL ISSUER SUBJECT. Default: one who has not called yet." };
        var file = new Option<string?>("--file") { Description = "Ask this policy file in place of a running gateway: its counters are then all at 0." };
        var command = new Command("explain", "Say what would become of a call: would it pass, what is left of its limits, when again. Exit code 0 when it would pass or wait for a person, 1 when not.") { tool, arguments, grant, tenant, caller, file };
        options.Run(command, async (parsed, client, screen, cancellationToken) =>
        {
            if (await ObjectOfAsync(parsed.GetRequiredValue(arguments), cancellationToken) is not { } given)
            {
                return await RefuseAsync("--args must be a JSON object, such as {\"prompt\": \"Say hello\"}.");
            }

            var name = parsed.GetRequiredValue(tool);
            if (parsed.GetValue(file) is { } path)
            {
                return await OfFileAsync(screen, path, tools(), policy => explain(policy, parsed.GetValue(grant) ?? EmbeddedLabel, name, JsonElement.Parse(given.ToJsonString()), cancellationToken));
            }

            var question = new JsonObject { ["tool"] = name, ["arguments"] = given, ["grant"] = parsed.GetValue(grant), ["tenant"] = parsed.GetValue(tenant), ["caller"] = parsed.GetValue(caller) };
            return Show(screen, await client.PostAsync("policy/explain", question, cancellationToken));
        });
        return command;
    }

    private static async Task<int> OfFileAsync(Screen screen, string path, ToolCatalog tools, Func<Policy, Task<JsonObject?>> explain)
    {
        var found = PolicyCheck.Of(path, null, tools);
        if (found.Policy is not { } policy)
        {
            return await RefuseAsync(string.Join('\n', found.Faults));
        }

        return await explain(policy) is { } answer ? Show(screen, answer) : await RefuseAsync($"There is no such tool. There are {string.Join(", ", tools.All.Select(tool => tool.Name))}.");
    }

    private static int Show(Screen screen, JsonObject answer)
    {
        screen.Show(answer, Columns, RowsOf(answer));
        return answer["decision"]?.ToString() is "allowed" or "held" ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static IEnumerable<string?[]> RowsOf(JsonObject answer)
    {
        foreach (var name in (string[])["tool", "grant", "tenant", "policy", "policyHash", "decision", "kind", "rule", "reason", "retryAfterSeconds"])
        {
            if (answer[name] is { } value)
            {
                yield return [name, value.ToString()];
            }
        }

        foreach (var fault in Of(answer, "faults"))
        {
            yield return ["fault", $"{fault?["field"]}: {fault?["value"]}; {fault?["limit"]}; {fault?["remedy"]}"];
        }

        foreach (var one in Of(answer, "counters"))
        {
            yield return ["limit", string.Create(CultureInfo.InvariantCulture, $"{one?["rule"]} ({one?["scope"]}): {one?["used"]} of {one?["max"]} used, {one?["remaining"]} left until {one?["windowEndsAt"]}; the call adds {one?["amount"]}")];
        }

        foreach (var cap in Of(answer, "caps"))
        {
            yield return ["limit", $"{cap?["rule"]}: {(cap?["jobs"] is { } jobs ? $"{jobs} of {cap["max"]} {cap["kind"]}" : $"at most {cap?["max"]} {cap?["kind"]}")}"];
        }

        if (answer["approval"] is { } asked)
        {
            yield return ["approval", $"{asked["mode"]}, within {asked["timeoutSeconds"]} s: {asked["reason"]}"];
        }

        if (answer["live"]?.GetValue<bool>() != true)
        {
            yield return ["counters", "Not those of a gateway: a file knows of nobody's use."];
        }
    }

    private static JsonArray Of(JsonObject answer, string name) => answer[name] as JsonArray ?? [];

    private static async Task<JsonObject?> ObjectOfAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            return JsonNode.Parse(text == "-" ? await Console.In.ReadToEndAsync(cancellationToken) : text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<int> RefuseAsync(string why)
    {
        await Outlet.ErrorAsync(why);
        return ExitCodes.Refused;
    }
}
