using Gateway.Execution.Providers;

namespace Gateway.Execution.Conversations;

/// <summary>
/// A copy of a conversation on its way to the place where its CLI looks for it: in the job's own folder under a name that nobody
/// can know, and gone when it is disposed.
/// </summary>
internal sealed class TranscriptFile : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly FileStream _file;

    private TranscriptFile(FileStream file) => _file = file;

    /// <summary>Path of the copy.</summary>
    public string Path => _file.Name;

    /// <summary>Its length in bytes.</summary>
    public long Length => _file.Length;

    /// <summary>Makes an empty one.</summary>
    /// <param name="folder">The job's own folder.</param>
    public static TranscriptFile In(string folder) => new(new FileStream(System.IO.Path.Combine(folder, $"transcript-{Guid.NewGuid():n}"), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Share = FileShare.Read,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    }));

    /// <summary>Adds bytes at the end.</summary>
    public async Task AddAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _file.Seek(0, SeekOrigin.End);
        await _file.WriteAsync(bytes, cancellationToken);
        await _file.FlushAsync(cancellationToken);
    }

    /// <summary>Takes over a file that an agent may have changed, when it begins with all that is here: it holds more of the same conversation.</summary>
    /// <param name="path">The file; null for none.</param>
    /// <param name="mostBytes">A larger one is not looked at.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>True when it was taken over.</returns>
    public async Task<bool> ExtendFromAsync(string? path, long mostBytes, CancellationToken cancellationToken)
    {
        using var other = path is null ? null : SafeFile.OpenRead(path);
        if (other is null || other.Length < Length || other.Length > mostBytes)
        {
            return false;
        }

        var (mine, theirs) = (new byte[BufferBytes], new byte[BufferBytes]);
        _file.Position = 0;
        while (_file.Position < _file.Length)
        {
            var read = await _file.ReadAtLeastAsync(mine, mine.Length, throwOnEndOfStream: false, cancellationToken);
            await other.ReadExactlyAsync(theirs.AsMemory(0, read), cancellationToken);
            if (!mine.AsSpan(0, read).SequenceEqual(theirs.AsSpan(0, read)))
            {
                return false;
            }
        }

        while (_file.Length < mostBytes && await other.ReadAsync(theirs, cancellationToken) is var more and > 0)
        {
            await AddAsync(theirs.AsMemory(0, more), cancellationToken);
        }

        return true;
    }

    /// <summary>Cuts off what follows the last line end: the CLI was ended, or its file was read, in the middle of a line.</summary>
    public void CutTornLine()
    {
        var buffer = new byte[BufferBytes];
        for (var end = _file.Length; end > 0;)
        {
            var start = Math.Max(0, end - buffer.Length);
            var part = buffer.AsSpan(0, (int)(end - start));
            _file.Position = start;
            _file.ReadExactly(part);
            if (part.LastIndexOf((byte)'\n') is var last and >= 0)
            {
                _file.SetLength(start + last + 1);
                return;
            }

            end = start;
        }

        _file.SetLength(0);
    }

    /// <summary>Writes all of it, with another id in the place of the one under which it was written.</summary>
    /// <param name="target">Receives it.</param>
    /// <param name="place">Names the two ids, when there are two.</param>
    public void CopyTo(Stream target, TranscriptPlace place)
    {
        _file.Position = 0;
        if (place is { OldId: { } old, NewId: { } fresh })
        {
            using var renaming = new RenamingStream(target, old, fresh);
            _file.CopyTo(renaming, BufferBytes);
            return;
        }

        _file.CopyTo(target, BufferBytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        File.Delete(Path);
    }
}
