namespace Gateway.Execution.Providers;

/// <summary>Where a CLI looks for a conversation that was written elsewhere.</summary>
/// <param name="Folder">Absolute path of a folder in the CLI's configuration directory; it need not be there yet.</param>
/// <param name="Name">Name of the file.</param>
/// <param name="OldId">Id under which the conversation was written, where it gets another one; null where it keeps its own.</param>
/// <param name="NewId">Id that it gets then.</param>
public sealed record TranscriptPlace(string Folder, string Name, Guid? OldId = null, Guid? NewId = null)
{
    /// <summary>The whole path.</summary>
    public string Path => System.IO.Path.Combine(Folder, Name);
}
