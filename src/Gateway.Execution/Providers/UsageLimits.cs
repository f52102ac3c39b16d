using System.Buffers;
using System.Globalization;
using Gateway.Contracts.Values;

namespace Gateway.Execution.Providers;

/// <summary>The failure of a run whose credential has reached its usage limit, the same whichever CLI met it.</summary>
internal static class UsageLimits
{
    // The longest that a provider counts over is a week; what is farther is a text misread, or made up.
    private const int MostWaitSeconds = 7 * 24 * 3600;
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");
    private static readonly string[] ResetFormats = ["htt", "h:mmtt", "MMM d,htt", "MMM d,h:mmtt", "MMM d, htt", "MMM d, h:mmtt"];

    /// <summary>The failure.</summary>
    /// <param name="now">The time.</param>
    /// <param name="resetsAt">When the limit ends; null when nobody said so. A time that is past counts as now.</param>
    /// <param name="status">HTTP status of the provider, when known.</param>
    public static RunFailure Of(DateTimeOffset now, DateTimeOffset? resetsAt, int? status)
    {
        var wait = resetsAt is { } reset ? (int?)Math.Clamp(Math.Ceiling((reset - now).TotalSeconds), 1, MostWaitSeconds) : null;
        return new RunFailure
        {
            Kind = FailureKinds.UsageLimit,
            Message = "The usage limit at the model provider is reached. Ask again when it has been reset.",
            Retryable = true,
            ApiStatus = status,
            RetryAfterSeconds = wait,
            ResetsAt = wait is { } seconds ? now + TimeSpan.FromSeconds(seconds) : null,
        };
    }

    /// <summary>
    /// The time that a text tells after its last "resets", such as <c>resets 3pm (Europe/Berlin)</c> or
    /// <c>resets Dec 3, 10:30am (UTC)</c>: the next such time in that zone.
    /// </summary>
    /// <param name="text">The CLI's words.</param>
    /// <param name="clock">The time, and the zone that holds where the text names none.</param>
    public static DateTimeOffset? ResetIn(string text, TimeProvider clock)
    {
        const string words = "resets ";
        var at = text.LastIndexOf(words, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        var (told, zone) = Split(text[(at + words.Length)..], clock.LocalTimeZone);
        if (zone is null || !DateTime.TryParseExact(told, ResetFormats, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var local))
        {
            return null;
        }

        var now = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), zone).DateTime;
        var reset = told.Any(char.IsWhiteSpace) ? new DateTime(now.Year, local.Month, Math.Min(local.Day, DateTime.DaysInMonth(now.Year, local.Month))) + local.TimeOfDay : now.Date + local.TimeOfDay;
        if (reset < now)
        {
            reset = told.Any(char.IsWhiteSpace) ? reset.AddYears(1) : reset.AddDays(1);
        }

        // A time that the change to summer leaves out begins an hour later.
        reset = zone.IsInvalidTime(reset) ? reset.AddHours(1) : reset;
        return new DateTimeOffset(reset, zone.GetUtcOffset(reset)).ToUniversalTime();
    }

    /// <summary>
    /// The span after words such as <c>retry in 34.5s</c> or <c>reset after 11h22m33s</c>; null where they are not followed by one.
    /// </summary>
    /// <param name="text">The provider's words.</param>
    /// <param name="before">The words before the span.</param>
    public static TimeSpan? SpanAfter(string text, string before)
    {
        var at = text.IndexOf(before, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        var tail = text.AsSpan(at + before.Length);
        var seconds = 0.0;
        foreach (var (unit, length) in ((char, int)[])[('d', 24 * 3600), ('h', 3600), ('m', 60), ('s', 1)])
        {
            var digits = tail.IndexOfAnyExcept(Digits);
            if (digits > 0 && tail[digits] == unit && double.TryParse(tail[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
            {
                seconds += count * length;
                tail = tail[(digits + 1)..];
            }
        }

        return seconds > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, MostWaitSeconds)) : null;
    }

    private static (string Told, TimeZoneInfo? Zone) Split(string tail, TimeZoneInfo own)
    {
        var (open, close) = (tail.IndexOf('('), tail.IndexOf(')'));
        if (open < 0 || close < open)
        {
            return (tail.Trim('.', ' ', '\n'), own);
        }

        return (tail[..open].Trim(), TimeZoneInfo.TryFindSystemTimeZoneById(tail[(open + 1)..close], out var zone) ? zone : null);
    }
}
