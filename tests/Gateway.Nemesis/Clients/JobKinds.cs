using System.Globalization;

namespace Gateway.Nemesis.Clients;

/// <summary>The jobs that clients want while the nemesis is at work.</summary>
internal static class JobKinds
{
    private const decimal RunUsd = 0.01m;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    public static IReadOnlyList<JobKind> All { get; } =
    [
        new() { Name = "quick", Share = 30, Ends = ["completed"], CostUsd = RunUsd, Prompt = (p, _) => Steps(p, "think about it") },
        new() { Name = "slow", Share = 14, Ends = ["completed"], CostUsd = RunUsd, Prompt = (p, r) => Steps(p, $"sleep {r.Next(2_000, 12_000)}") },
        new() { Name = "ticking", Share = 6, Ends = ["completed"], CostUsd = RunUsd, Prompt = (p, r) => Steps(p, $"tick 200 {r.Next(5, 40)}") },
        new() { Name = "flood", Share = 6, Ends = ["completed"], CostUsd = RunUsd, Prompt = Flood },
        new() { Name = "grandchild", Share = 6, Ends = ["completed"], CostUsd = RunUsd, Prompt = (p, r) => Steps(p, $"grandchild 600; double-fork 600; sleep {r.Next(0, 1_500)}") },
        new() { Name = "writing", Share = 8, Ends = ["completed"], CostUsd = RunUsd, Writes = true, Prompt = (p, r) => Steps(p, $"sleep {r.Next(200, 4_000)}") },
        new() { Name = "exit-3", Share = 6, Ends = ["cli_error"], Prompt = (p, _) => $"[[fake: log {p.Log}; stderr oops; exit 3; @resume log {p.Log}; @resume exit 3]]" },
        new() { Name = "overloaded", Share = 3, Ends = ["api_error"], MaxAttempts = 2, Prompt = (p, _) => $"[[fake: log {p.Log}; api-error 529; @resume log {p.Log}; @resume api-error 529]]" },
        new() { Name = "better-later", Share = 4, Ends = ["completed", "api_error"], CostUsd = RunUsd, Prompt = (p, _) => $"[[fake: @1 log {p.Log}; @1 api-error 529; @2+ log {p.Log}; @2+ answer done {p.Number}]]" },
        new() { Name = "too-long", Share = 3, Ends = ["timeout"], MaxAttempts = 2, Timeout = TimeSpan.FromSeconds(3), Prompt = (p, _) => Steps(p, "ignore-term; hang") },
        new() { Name = "canceled", Share = 7, Ends = ["completed"], CostUsd = RunUsd, CancelWithin = Soon, Prompt = (p, r) => Steps(p, $"sleep {r.Next(0, 4_000)}") },
        new() { Name = "canceled-stubborn", Share = 4, Ends = ["timeout"], CancelWithin = Soon, Timeout = TimeSpan.FromSeconds(30), Prompt = (p, _) => Steps(p, "ignore-term; grandchild 600; hang") },
        new() { Name = "canceled-at-once", Share = 3, Ends = ["completed"], CostUsd = RunUsd, CancelWithin = TimeSpan.Zero, Prompt = (p, _) => Steps(p, "sleep 500") },
    ];

    public static JobKind Pick(Random random)
    {
        var at = random.Next(All.Sum(k => k.Share));
        return All.First(k => (at -= k.Share) < 0);
    }

    /// <summary>The answer that only this job gives.</summary>
    public static string AnswerOf(string number) => $"done {number}";

    /// <summary>The same, whether it is begun anew or goes on in its conversation.</summary>
    private static string Steps(JobPlace place, string doing) =>
        $"[[fake: log {place.Log}; {doing}; answer {AnswerOf(place.Number)}; {Resumed(place, doing)}]]";

    private static string Resumed(JobPlace place, string doing) =>
        $"@resume log {place.Log}; {string.Join("; ", doing.Split("; ").Select(step => $"@resume {step}"))}; @resume answer {AnswerOf(place.Number)}";

    private static string Flood(JobPlace place, Random random)
    {
        string[] patterns = ["lines", "invalid", "multibyte", "ansi", "no-newline"];
        var flood = string.Create(CultureInfo.InvariantCulture, $"print-bytes {random.Next(100_000, 2_500_000)} {patterns[random.Next(patterns.Length)]}");

        // The agent keeps what it printed itself, attempt by attempt; from its first byte on, so without the first line of the stream.
        var copies = string.Join("; ", Enumerable.Range(1, 4).Select(attempt => $"@{attempt} copy {place.Copy}.{attempt}"));
        return $"[[fake: no-init; @resume no-init; {copies}; log {place.Log}; {flood}; print ; answer {AnswerOf(place.Number)}; {Resumed(place, $"{flood}; print ")}]]";
    }
}
