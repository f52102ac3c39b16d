using System.Text.Json;
using Gateway.Contracts.Values;
using Gateway.Jobs;

namespace Gateway.Storage.Leases;

/// <summary>What workers say of their CLIs, as a row keeps it.</summary>
internal static class CliReports
{
    private const int MostClis = 32;
    private const int MostFlags = 100;
    private const int MostNameChars = 64;
    private const int MostTextChars = 500;

    /// <summary>A worker works on untrusted text: of what it says only what the contract knows is kept, and no more than fits a page.</summary>
    public static string Write(IReadOnlyList<CliReport> reports) => JsonSerializer.Serialize(
        [
            .. reports.Take(MostClis).Where(one => IsName(one.Cli)).Select(one => one with
            {
                Version = one.Version is { } version && IsName(version) ? version : null,
                Error = Cut(one.Error),
                Login = CliLogins.All.Contains(one.Login) ? one.Login : CliLogins.Unknown,
                LoginGuidance = Cut(one.LoginGuidance),
                MissingFlags = one.MissingFlags is { } flags ? [.. flags.Take(MostFlags).Where(IsName)] : null,
            }),
        ],
        JobsJson.Default.IReadOnlyListCliReport);

    /// <summary>Reads what a row keeps.</summary>
    public static IReadOnlyList<CliReport> Read(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize(json, JobsJson.Default.IReadOnlyListCliReport) ?? [];

    private static bool IsName(string text) => text.Length is > 0 and <= MostNameChars && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+' or '_');

    private static string? Cut(string? text) => text is null ? null : StoredText.Fit(new string([.. text.Where(c => !char.IsControl(c))]), MostTextChars);
}
