using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gateway.Jobs.Approvals;

/// <summary>
/// Makes keyed hashes of calls and prompts: whoever reads them, but has no key, can neither guess a short prompt nor make
/// another call with the same hash. All processes on one database need the same key.
/// </summary>
/// <param name="keyId">Name of the key, at most 15 characters.</param>
/// <param name="key">The key.</param>
public sealed class CallSeal(string keyId, byte[] key)
{
    /// <summary>The same for two calls exactly when nothing that matters differs.</summary>
    /// <param name="caller">Tenant and caller.</param>
    /// <param name="grantLabel">Label of the grant.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">The arguments as sent; the order of members makes no difference, at no depth.</param>
    /// <param name="workingDirectory">Where the run would work, resolved.</param>
    /// <param name="ruleHash">Hash of the tool's rule.</param>
    public string OfCall(Caller caller, string grantLabel, string tool, JsonElement arguments, string? workingDirectory, string ruleHash) =>
        Of(caller.Tenant, grantLabel, caller.Grant, tool, Canonical(arguments), workingDirectory ?? "", ruleHash);

    /// <summary>Of a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    public string OfPrompt(string prompt) => Of(prompt);

    // Every part with its length before it: no two lists of parts have one text.
    private string Of(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(Encoding.ASCII.GetBytes(bytes.Length.ToString(CultureInfo.InvariantCulture) + ":"));
            hash.AppendData(bytes);
        }

        return $"{keyId}:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    private static string Canonical(JsonElement value)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, value);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    json.WritePropertyName(member.Name);
                    Write(json, member.Value);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            case JsonValueKind.String:
                // Written anew: two spellings of one text are one text.
                json.WriteStringValue(value.GetString());
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }
}
