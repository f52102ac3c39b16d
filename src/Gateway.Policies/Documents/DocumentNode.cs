using System.Text.Json;

namespace Gateway.Policies.Documents;

/// <summary>A value of a file with its place in it.</summary>
internal sealed class DocumentNode(JsonValueKind kind, string pointer, int offset)
{
    private const int MostShownChars = 80;

    public JsonValueKind Kind { get; } = kind;

    /// <summary>JSON pointer of the value.</summary>
    public string Pointer { get; } = pointer;

    /// <summary>Its first byte.</summary>
    public int Offset { get; } = offset;

    /// <summary>The value of a text.</summary>
    public string Text { get; init; } = "";

    /// <summary>The value of a number.</summary>
    public JsonNumber Number { get; init; }

    /// <summary>The members of an object, in file order; of a name that occurs twice the first.</summary>
    public List<DocumentMember> Members { get; } = [];

    /// <summary>The elements of a list.</summary>
    public List<DocumentNode> Items { get; } = [];

    /// <summary>The value without its place.</summary>
    public required Func<JsonElement> Json { get; init; }

    /// <summary>The value for a message, cut where it is long.</summary>
    public string Shown => CanonicalJson.Of(Json()) is var text && text.Length > MostShownChars ? $"{text[..(MostShownChars - 3)]}..." : text;

    /// <summary>Pointer of a member or an element.</summary>
    public static string Below(string pointer, string name) =>
        $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
}

/// <summary>A member of an object with the place of its name.</summary>
internal sealed record DocumentMember(string Name, int NameOffset, DocumentNode Value);
