using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Policies.Limits;

/// <summary>A limit with a window, and what one call adds to it.</summary>
public sealed record CounterLimit
{
    /// <summary>The tool, or <c>all_tools</c>.</summary>
    public required string Tool { get; init; }

    /// <summary>Name of the counter.</summary>
    public required string Counter { get; init; }

    /// <summary>Who shares it.</summary>
    public required LimitScope Scope { get; init; }

    /// <summary>Their common name: a grant value, a grant value and a session, a tenant, or nothing.</summary>
    public required string ScopeValue { get; init; }

    /// <summary>Length of the window, 1 s to 1 day.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>Most that a window takes, with at most 6 decimal places.</summary>
    public required decimal Max { get; init; }

    /// <summary>What this call adds: 1, or the value of the argument that <c>increment_from</c> names, rounded up to 6 places.</summary>
    public required decimal Amount { get; init; }

    /// <summary>The amount is a budget: the real cost takes its place when the job ends.</summary>
    public bool IsCost { get; init; }

    /// <summary>Rule pointer.</summary>
    public required string Rule { get; init; }

    /// <summary>The charge at a time of the store's clock.</summary>
    public Charge ChargeAt(DateTimeOffset now)
    {
        var length = Window.Ticks;
        var ticks = now.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        var start = DateTimeOffset.UnixEpoch.AddTicks(ticks - (ticks % length));
        return new Charge(this, KeyOf(start), start, start + Window);
    }

    // Every part with its length before it: no two limits have one text.
    private string KeyOf(DateTimeOffset start)
    {
        var text = new StringBuilder();
        foreach (var part in (ReadOnlySpan<string>)[Tool, Counter, Scope.ToString(), ScopeValue, Text((long)Window.TotalSeconds), Text(start.ToUnixTimeSeconds())])
        {
            text.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
