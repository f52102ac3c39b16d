namespace Gateway.Cli.Database;

/// <summary>What was found of a database's schema.</summary>
/// <param name="Provider">Which database.</param>
/// <param name="Applied">Migrations that it has.</param>
/// <param name="Pending">Those that it lacked.</param>
/// <param name="Newer">Those that a newer program has made.</param>
/// <param name="Fault">Why it could not be used; null when it could.</param>
/// <param name="Refused">Why nothing was tried, such as a gateway that has the file; null when it was.</param>
internal sealed record SchemaAnswer(string Provider, IReadOnlyList<string> Applied, IReadOnlyList<string> Pending, IReadOnlyList<string> Newer, string? Fault, string? Refused)
{
    /// <summary>Nothing was tried.</summary>
    public static SchemaAnswer Refuse(string why) => new("", [], [], [], null, why);
}
