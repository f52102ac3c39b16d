using System.Text.Json.Nodes;
using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Answers;

/// <summary>Writes a page of a stream into the record of a result, as members that begin with the stream's name.</summary>
internal static class StreamMembers
{
    public static void Add(JsonObject result, string stream, StreamPage page)
    {
        result[stream] = page.Text;
        result[stream + "OffsetBytes"] = page.OffsetBytes;
        AddIfKnown(result, stream + "NextOffsetBytes", page.NextOffsetBytes);
        AddIfKnown(result, stream + "OffsetChars", page.OffsetChars);
        AddIfKnown(result, stream + "NextOffsetChars", page.NextOffsetChars);
        AddIfKnown(result, stream + "TotalChars", page.TotalChars);
        result[stream + "Truncated"] = page.Truncated;
    }

    private static void AddIfKnown(JsonObject result, string name, long? value)
    {
        if (value is not null)
        {
            result[name] = value.Value;
        }
    }
}
