using System.Text.Json;
using Gateway.Api.Mcp.Arguments;
using Gateway.Contracts.Values;

namespace Gateway.Api.Mcp.Workspaces;

/// <summary>What a call means by <c>worktree</c>: <c>true</c>, or <c>{name?, ref?}</c>.</summary>
internal static class WorktreeRule
{
    /// <summary>The argument.</summary>
    public const string Argument = "worktree";

    private const int MostNameChars = 64;
    private const int MostRefChars = 255;
    private const string NameLimit = "1..64 of A-Za-z0-9._-, as Git takes it for a branch";
    private const string RefLimit = "1..255 characters of a branch, tag or commit, no leading -";

    /// <summary>The worktree that is asked for; null for none. Adds what is wrong; the value counts only without faults.</summary>
    /// <param name="arguments">The arguments of the call.</param>
    /// <param name="placement">Where the run works.</param>
    public static RunWorktree? Check(ParsedArguments arguments, Placement placement)
    {
        if (arguments.Json(Argument) is not { } sent || sent.ValueKind == JsonValueKind.False)
        {
            return null;
        }

        if (placement is { Unknown: null, Workspace: not { Alias.AllowWorktree: true } })
        {
            arguments.Faults.Add(Argument, sent.GetRawText(), "only in a workspace that allows worktrees", "name one that workspace_list shows with allow_worktree, or leave it out");
        }

        return sent.ValueKind == JsonValueKind.True ? new RunWorktree() : Read(sent, arguments.Faults);
    }

    private static RunWorktree Read(JsonElement sent, FaultList faults)
    {
        string? name = null;
        string? reference = null;
        foreach (var member in sent.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null))
        {
            switch (member.Name)
            {
                case "name":
                    name = Text(member, NameLimit, IsName, faults);
                    break;
                case "ref":
                    reference = Text(member, RefLimit, IsRef, faults);
                    break;
                default:
                    faults.Add($"{Argument}.{member.Name}", member.Value.GetRawText(), "no such member", "send name, ref, or both");
                    break;
            }
        }

        return new RunWorktree { Name = name, Ref = reference };
    }

    private static string? Text(JsonProperty member, string limit, Func<string, bool> fits, FaultList faults)
    {
        var text = member.Value.ValueKind == JsonValueKind.String ? PlainText.TryRead(member.Value) : null;
        if (text is not null && fits(text))
        {
            return text;
        }

        faults.Add($"{Argument}.{member.Name}", FaultList.Show(member.Value, confidential: false), limit, $"send another {member.Name}, or leave it out");
        return null;
    }

    // What Git refuses as a part of a branch's name, and what a program could take for an option.
    private static bool IsName(string text) => text.Length is > 0 and <= MostNameChars
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
        && text[0] is not ('-' or '.') && text[^1] != '.' && !text.Contains("..", StringComparison.Ordinal) && !text.EndsWith(".lock", StringComparison.Ordinal);

    // Neither a range nor a path inside a commit.
    private static bool IsRef(string text) => text.Length is > 0 and <= MostRefChars && text[0] != '-'
        && !text.Contains("..", StringComparison.Ordinal) && !text.Any(c => c is ':' or '\\' or '?' or '*' or '[' || char.IsWhiteSpace(c) || char.IsControl(c));
}
