using System.Text;

namespace Gateway.Execution.Providers.Claude;

/// <summary>The text that the model wrote last, so that a run which never gave an answer still leaves what it had.</summary>
internal sealed class ClaudeText
{
    /// <summary>Most characters that are kept; what follows is only in the stored output.</summary>
    public const int KeptCharacters = 1_000_000;

    private readonly StringBuilder _whole = new();
    private readonly StringBuilder _part = new();

    /// <summary>The last message, with what was begun after it; null when nothing was written.</summary>
    public string? SoFar => _whole.Length + _part.Length == 0 ? null : _whole.ToString() + _part;

    /// <summary>Takes a finished block of text.</summary>
    /// <param name="text">The block.</param>
    /// <param name="sameMessage">It goes on with the message of the block before.</param>
    public void Whole(string text, bool sameMessage)
    {
        _part.Clear();
        if (!sameMessage)
        {
            _whole.Clear();
        }

        Add(_whole, text);
    }

    /// <summary>A block begins whose pieces follow.</summary>
    public void BeginPart() => _part.Clear();

    /// <summary>Takes a piece of an unfinished block.</summary>
    /// <param name="text">The piece.</param>
    public void Part(string text) => Add(_part, text);

    private static void Add(StringBuilder kept, string text) =>
        kept.Append(text.AsSpan(0, Math.Clamp(KeptCharacters - kept.Length, 0, text.Length)));
}
