using System.Text.Json;

namespace Gateway.Api.Auth;

/// <summary>What one pass over a JSON-RPC message shows: whether it is sound, and which tool it calls.</summary>
/// <param name="Fault">What is wrong; null for nothing.</param>
/// <param name="Code">Code of the fault.</param>
/// <param name="Tool">The tool; null where none is called.</param>
/// <param name="IsNotifiedCall">A tool is called without an id, and so without an answer.</param>
internal readonly record struct JsonMessage(string? Fault, int Code, string? Tool, bool IsNotifiedCall = false)
{
    public static JsonMessage Wrong(int code, string fault) => new(fault, code, null);

    /// <summary>Reads a message of valid UTF-8, in time linear to its length.</summary>
    /// <param name="json">The message.</param>
    /// <param name="mostDepth">Deepest nesting.</param>
    public static JsonMessage Read(ReadOnlySpan<byte> json, int mostDepth)
    {
        var pass = new Pass();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = mostDepth });
        try
        {
            while (reader.Read())
            {
                if (pass.Take(ref reader) is { } fault)
                {
                    return Wrong(fault.Code, fault.Text);
                }
            }
        }
        catch (JsonException)
        {
            return Wrong(Refusal.ParseError, $"The body is not JSON, or deeper than {mostDepth} (setting Edge:MaxJsonDepth).");
        }

        return (pass.Method == "tools/call", pass.HasOtherParams) switch
        {
            (true, true) => Wrong(Refusal.InvalidParams, "The params of a call are a JSON object."),
            (true, _) => new JsonMessage(null, 0, pass.Tool, !pass.HasId),
            _ => default,
        };
    }

    private sealed class Pass
    {
        private const string Twice = "A member occurs twice in one object: which of them counts would be a guess.";

        // A schema and agents of the largest size together have a third of it. What is let through is read and hashed by several parts.
        private const int MostMembers = 100_000;
        private const int ClearedAt = 64;
        private readonly List<HashSet<string>> names = [];
        private int depth = -1;
        private int members;
        private string? last;
        private bool inParams;

        public string? Method { get; private set; }

        public string? Tool { get; private set; }

        /// <summary>An id that an answer can carry.</summary>
        public bool HasId { get; private set; }

        /// <summary>Params that are no object.</summary>
        public bool HasOtherParams { get; private set; }

        public (int Code, string Text)? Take(ref Utf8JsonReader reader)
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String && reader.ValueIsEscaped && !HasWholeCharacters(ref reader))
            {
                return (Refusal.ParseError, "A text holds half of a surrogate pair.");
            }

            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    return Open(reader.CurrentDepth);
                case JsonTokenType.EndObject:
                    depth--;
                    return null;
                case JsonTokenType.PropertyName:
                    return Name(ref reader);
                default:
                    return Value(ref reader);
            }
        }

        private (int, string)? Open(int jsonDepth)
        {
            inParams = jsonDepth == 1 ? last == "params" : inParams;
            if (++depth == names.Count)
            {
                names.Add(new HashSet<string>(StringComparer.Ordinal));
            }

            // To clear a set costs what it once held: after a large object each small one beside it would pay for it.
            if (names[depth].Count > ClearedAt)
            {
                names[depth] = new HashSet<string>(StringComparer.Ordinal);
            }

            names[depth].Clear();
            return null;
        }

        private (int, string)? Name(ref Utf8JsonReader reader)
        {
            if (++members > MostMembers)
            {
                return (Refusal.InvalidRequest, $"A message has more than {MostMembers} members. No call needs them: send less.");
            }

            var name = reader.GetString()!;
            if (reader.CurrentDepth <= 2)
            {
                last = name;
            }

            return names[depth].Add(name) ? null : (depth > 0 && inParams ? Refusal.InvalidParams : Refusal.InvalidRequest, Twice);
        }

        private (int, string)? Value(ref Utf8JsonReader reader)
        {
            if (reader.CurrentDepth == 0)
            {
                return (Refusal.InvalidRequest, "A message is one JSON object. Batches are not served: send each message by itself.");
            }

            HasId |= reader.CurrentDepth == 1 && last == "id" && reader.TokenType is (JsonTokenType.String or JsonTokenType.Number);
            HasOtherParams |= reader.CurrentDepth == 1 && last == "params" && reader.TokenType is not (JsonTokenType.Null or JsonTokenType.EndArray);
            if (reader.CurrentDepth == 1 && last == "method" && reader.TokenType == JsonTokenType.String)
            {
                Method = reader.GetString();
            }
            else if (reader.CurrentDepth == 2 && inParams && last == "name" && reader.TokenType == JsonTokenType.String)
            {
                Tool = reader.GetString();
            }
            else if (reader.CurrentDepth == 2 && inParams && last == "arguments" && reader.TokenType is not (JsonTokenType.Null or JsonTokenType.EndArray))
            {
                return (Refusal.InvalidParams, "The arguments of a call are a JSON object.");
            }

            return null;
        }

        private static bool HasWholeCharacters(ref Utf8JsonReader reader)
        {
            try
            {
                // Unescapes into a scratch buffer; throws on a lone surrogate, which is the only way to learn of one.
                var scratch = System.Buffers.ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
                try
                {
                    reader.CopyString(scratch);
                    return true;
                }
                finally
                {
                    System.Buffers.ArrayPool<byte>.Shared.Return(scratch);
                }
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }
    }
}
