namespace Gateway.Policies.Documents;

/// <summary>Gathers what is wrong with one file, each with its place.</summary>
internal sealed class DocumentFaults
{
    private readonly string file;
    private readonly List<int> lineStarts = [0];
    private readonly List<DocumentFault> faults = [];

    public DocumentFaults(DocumentFile file)
    {
        this.file = file.Name;
        var bytes = file.Content.Span;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '\n')
            {
                lineStarts.Add(i + 1);
            }
        }
    }

    /// <summary>All of them, in the order of their places.</summary>
    public IReadOnlyList<DocumentFault> All => [.. faults.OrderBy(f => f.Line).ThenBy(f => f.Column)];

    public bool Any => faults.Count > 0;

    public void Add(DocumentNode node, string message) => Add(node.Pointer, node.Offset, message);

    public void Add(string pointer, int offset, string message)
    {
        var line = lineStarts.BinarySearch(offset) is var found && found >= 0 ? found : ~found - 1;
        faults.Add(new DocumentFault(file, pointer, line + 1, offset - lineStarts[line] + 1, message));
    }

    /// <summary>Of the whole file, without a place.</summary>
    public void Add(string message) => faults.Add(new DocumentFault(file, "", 0, 0, message));
}
