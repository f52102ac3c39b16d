using System.Text.Json;
using Gateway.Jobs;

namespace Gateway.Storage.Model;

/// <summary>A list of names in one column.</summary>
internal static class StoredNames
{
    /// <summary>The column; null for no names.</summary>
    public static string? Json(IReadOnlyList<string> names) => names.Count == 0 ? null : JsonSerializer.Serialize(names, JobsJson.Default.IReadOnlyListString);

    /// <summary>The names; null for none.</summary>
    public static IReadOnlyList<string>? Of(string? json) => json is null ? null : JsonSerializer.Deserialize(json, JobsJson.Default.IReadOnlyListString);
}
