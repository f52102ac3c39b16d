namespace Gateway.Policies.Documents;

/// <summary>Finds the known name that a mistyped one most likely means.</summary>
public static class NearestName
{
    private const int MostChars = 64;

    /// <summary>The nearest of the known names, or null when none is near.</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        if (name.Length is 0 or > MostChars)
        {
            return null;
        }

        var plain = Plain(name);
        var best = (Name: (string?)null, Distance: int.MaxValue);
        foreach (var candidate in known)
        {
            var other = Plain(candidate);
            var distance = Distance(plain, other);
            if (plain.Length >= 3 && (other.StartsWith(plain, StringComparison.Ordinal) || other.EndsWith(plain, StringComparison.Ordinal) || plain.StartsWith(other, StringComparison.Ordinal)))
            {
                distance = Math.Min(distance, 2);
            }

            if (distance < best.Distance)
            {
                best = (candidate, distance);
            }
        }

        return best.Distance <= Math.Max(2, plain.Length / 3) ? best.Name : null;
    }

    private static string Plain(string name) =>
        name.Replace("_", string.Empty, StringComparison.Ordinal).Replace("-", string.Empty, StringComparison.Ordinal).ToLowerInvariant();

    private static int Distance(string one, string other)
    {
        var row = new int[other.Length + 1];
        for (var j = 0; j <= other.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
