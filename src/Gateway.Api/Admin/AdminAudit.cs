using System.Text.Json;

namespace Gateway.Api.Admin;

/// <summary>Records of the audit log.</summary>
/// <param name="Records">The records with their numbers.</param>
/// <param name="Next">Where the next page begins; null behind the last one.</param>
internal sealed record AdminAudit(IReadOnlyList<JsonElement> Records, long? Next);
