namespace Gateway.Hosting.Settings;

/// <summary>Finds the name that somebody may have meant.</summary>
internal static class NearestName
{
    private const int LongestName = 200;

    /// <summary>The nearest of some names; null when none is near.</summary>
    public static string? Of(string text, IEnumerable<string> names)
    {
        if (text.Length > LongestName)
        {
            return null;
        }

        var (distance, nearest) = names.Select(name => (Distance: Between(text.ToUpperInvariant(), name.ToUpperInvariant()), Name: name))
            .OrderBy(one => one.Distance).ThenBy(one => one.Name, StringComparer.Ordinal).FirstOrDefault((int.MaxValue, ""));
        return distance <= Math.Max(2, text.Length / 4) ? nearest : null;
    }

    /// <summary>How many letters have to be put in, taken out or changed (Levenshtein).</summary>
    public static int Between(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                (diagonal, row[j]) = (row[j], a[i - 1] == b[j - 1] ? diagonal : 1 + Math.Min(diagonal, Math.Min(row[j], row[j - 1])));
            }
        }

        return row[b.Length];
    }
}
