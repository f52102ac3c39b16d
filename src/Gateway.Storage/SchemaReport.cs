namespace Gateway.Storage;

/// <summary>What a database has of the schema that this program knows.</summary>
/// <param name="Provider">Which database, such as <c>sqlite</c>.</param>
/// <param name="Applied">Migrations that it has, oldest first.</param>
/// <param name="Pending">Those that it lacks, oldest first.</param>
/// <param name="Newer">Those that it has and this program does not know: a newer one has made them.</param>
/// <param name="Fault">Why it could not be asked, in the database's words; null when it was.</param>
public sealed record SchemaReport(string Provider, IReadOnlyList<string> Applied, IReadOnlyList<string> Pending, IReadOnlyList<string> Newer, string? Fault);
