using System.Text.Json;
using System.Text.Unicode;

namespace Gateway.Policies.Documents;

/// <summary>Reads JSON strictly: what a lenient reader would pass over in silence is a fault with its place.</summary>
internal static class DocumentParser
{
    private const int MostBytes = 256 * 1024;
    private const int MostLevels = 32;

    private static readonly JsonReaderOptions Lenient = new() { MaxDepth = MostLevels + 1, CommentHandling = JsonCommentHandling.Allow, AllowTrailingCommas = true };

    /// <summary>The document; null when the text cannot be read to its end.</summary>
    public static DocumentNode? Parse(DocumentFile file, DocumentFaults faults)
    {
        var bytes = file.Content.Span;
        if (FaultOf(bytes) is { } fault)
        {
            faults.Add(fault);
            return null;
        }

        // Comments and trailing commas are passed over so that the faults behind them are told in the same breath.
        var reader = new Utf8JsonReader(bytes, Lenient);
        var pass = new Pass(file.Content, faults);
        try
        {
            _ = pass.Next(ref reader, "");
            var root = pass.Value(ref reader, "");
            return root is not null && !pass.Next(ref reader, "") && pass.IsWhole ? root : null;
        }
        catch (JsonException broken)
        {
            faults.Add(pass.Pointer, OffsetOf(bytes, broken), $"This is not JSON: {WordsOf(broken)}");
            return null;
        }
    }

    private static string? FaultOf(ReadOnlySpan<byte> bytes) => bytes switch
    {
        { Length: 0 } => "The file is empty. The least that a policy holds is {\"version\": \"1\", \"default\": \"deny\"}.",
        { Length: > MostBytes } => $"The file has {bytes.Length} bytes, and may have {MostBytes}.",
        [0xEF, 0xBB, 0xBF, ..] => "The file begins with a byte order mark. Save it as UTF-8 without one.",
        _ when !Utf8.IsValid(bytes) => "The file is not UTF-8.",
        _ => null,
    };

    private static int OffsetOf(ReadOnlySpan<byte> bytes, JsonException broken)
    {
        var offset = 0;
        for (var line = broken.LineNumber ?? 0; line > 0 && bytes[offset..].IndexOf((byte)'\n') is >= 0 and var end; line--)
        {
            offset += end + 1;
        }

        return Math.Min(bytes.Length, offset + (int)(broken.BytePositionInLine ?? 0));
    }

    // The reader's own words end with a place, which is told already.
    private static string WordsOf(JsonException broken) =>
        broken.Message.IndexOf(" LineNumber:", StringComparison.Ordinal) is > 0 and var end ? broken.Message[..end] : broken.Message;

    private sealed class Pass(ReadOnlyMemory<byte> bytes, DocumentFaults faults)
    {
        private int end;
        private bool comma;

        /// <summary>Where the last token was.</summary>
        public string Pointer { get; private set; } = "";

        /// <summary>Every text was one.</summary>
        public bool IsWhole { get; private set; } = true;

        /// <summary>Goes to the next token that is no comment.</summary>
        public bool Next(ref Utf8JsonReader reader, string pointer)
        {
            Pointer = pointer;
            while (reader.Read())
            {
                var start = (int)reader.TokenStartIndex;
                comma |= bytes.Span[end..start].Contains((byte)',');
                end = (int)reader.BytesConsumed;
                if (reader.TokenType != JsonTokenType.Comment)
                {
                    TakeComma(reader.TokenType, start);
                    return true;
                }

                faults.Add(pointer, start, "A comment: JSON has none. The field description takes text for people.");
            }

            return false;
        }

        /// <summary>The value that the reader stands at; null when it is too deep to be read.</summary>
        public DocumentNode? Value(ref Utf8JsonReader reader, string pointer)
        {
            var offset = (int)reader.TokenStartIndex;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth >= MostLevels:
                    faults.Add(pointer, offset, $"The file is deeper than {MostLevels} levels here.");
                    return null;
                case JsonTokenType.StartObject:
                    return Object(ref reader, pointer, offset);
                case JsonTokenType.StartArray:
                    return List(ref reader, pointer, offset);
                case JsonTokenType.String:
                    return new DocumentNode(JsonValueKind.String, pointer, offset) { Text = Text(ref reader, pointer), Json = Between(offset, end) };
                case JsonTokenType.Number:
                    return new DocumentNode(JsonValueKind.Number, pointer, offset) { Number = JsonNumber.Parse(reader.ValueSpan), Json = Between(offset, end) };
                case JsonTokenType.True:
                    return new DocumentNode(JsonValueKind.True, pointer, offset) { Json = Between(offset, end) };
                case JsonTokenType.False:
                    return new DocumentNode(JsonValueKind.False, pointer, offset) { Json = Between(offset, end) };
                default:
                    return new DocumentNode(JsonValueKind.Null, pointer, offset) { Json = Between(offset, end) };
            }
        }

        private DocumentNode? Object(ref Utf8JsonReader reader, string pointer, int offset)
        {
            List<DocumentMember> members = [];
            var names = new HashSet<string>(StringComparer.Ordinal);
            while (Next(ref reader, pointer) && reader.TokenType == JsonTokenType.PropertyName)
            {
                var nameOffset = (int)reader.TokenStartIndex;
                var name = Text(ref reader, pointer);
                var below = DocumentNode.Below(pointer, name);
                if (!Next(ref reader, below) || Value(ref reader, below) is not { } value)
                {
                    return null;
                }

                if (names.Add(name))
                {
                    members.Add(new DocumentMember(name, nameOffset, value));
                }
                else
                {
                    faults.Add(below, nameOffset, $"{name} occurs twice in this object: which of them counts would be a guess. Keep one.");
                }
            }

            var node = new DocumentNode(JsonValueKind.Object, pointer, offset) { Json = Between(offset, end) };
            node.Members.AddRange(members);
            return node;
        }

        private DocumentNode? List(ref Utf8JsonReader reader, string pointer, int offset)
        {
            List<DocumentNode> items = [];
            while (Next(ref reader, pointer) && reader.TokenType != JsonTokenType.EndArray)
            {
                if (Value(ref reader, DocumentNode.Below(pointer, $"{items.Count}")) is not { } item)
                {
                    return null;
                }

                items.Add(item);
            }

            var node = new DocumentNode(JsonValueKind.Array, pointer, offset) { Json = Between(offset, end) };
            node.Items.AddRange(items);
            return node;
        }

        private Func<JsonElement> Between(int from, int to) => () =>
        {
            var reader = new Utf8JsonReader(bytes.Span[from..to], Lenient with { CommentHandling = JsonCommentHandling.Skip });
            return JsonElement.ParseValue(ref reader);
        };

        private void TakeComma(JsonTokenType token, int start)
        {
            if (comma && token is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                faults.Add(Pointer, start, "A comma before this end: JSON has none there. Remove it.");
            }

            comma = false;
        }

        private string Text(ref Utf8JsonReader reader, string pointer)
        {
            try
            {
                return reader.GetString() ?? "";
            }
            catch (InvalidOperationException)
            {
                IsWhole = false;
                faults.Add(pointer, (int)reader.TokenStartIndex, "A text holds half of a surrogate pair.");
                return "";
            }
        }
    }
}
