using System.Text.Json;
using Gateway.Policies.Grants;

namespace Gateway.Policies.Evaluation;

/// <summary>A call as the engine sees it.</summary>
/// <param name="Grant">Who calls.</param>
/// <param name="Tool">The tool.</param>
/// <param name="Arguments">
/// A JSON object: the arguments as sent, with no default and no conversion, and with what POLICY.md section 3 adds (both
/// spellings of a permission bypass, the root of a workspace) so that one meaning has one spelling.
/// </param>
/// <param name="Session">The transport's session; null when there is none.</param>
public sealed record PolicyCall(PolicyGrant Grant, string Tool, JsonElement Arguments, string? Session);
