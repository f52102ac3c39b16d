using System.Text.Json;

namespace Gateway.Execution.Providers.Claude;

/// <summary>The text that the model wrote last, so that a run which never gave an answer still leaves what it had.</summary>
internal sealed class ClaudeText
{
    /// <summary>Most bytes of UTF-8 that are kept of a message, and of a part begun after it; what follows is only in the stored output.</summary>
    public const int KeptBytes = 1024 * 1024;

    private readonly KeptText _whole = new(KeptBytes);
    private readonly KeptText _part = new(KeptBytes);

    /// <summary>The last message, with what was begun after it; null when nothing was written.</summary>
    public string? SoFar => _whole.IsEmpty && _part.IsEmpty ? null : _whole.ToString() + _part;

    /// <summary>Takes a finished block of text.</summary>
    /// <param name="text">The block; anything but a JSON text counts as an empty one.</param>
    /// <param name="sameMessage">It goes on with the message of the block before.</param>
    public void Whole(JsonElement text, bool sameMessage)
    {
        _part.Clear();
        if (!sameMessage)
        {
            _whole.Clear();
        }

        _whole.Add(text);
    }

    /// <summary>A block begins whose pieces follow.</summary>
    public void BeginPart() => _part.Clear();

    /// <summary>Takes a piece of an unfinished block.</summary>
    /// <param name="text">The piece; anything but a JSON text counts as an empty one.</param>
    public void Part(JsonElement text) => _part.Add(text);
}
