using Gateway.Api.Mcp.Arguments;
using Gateway.Contracts.Values;
using Gateway.Jobs.Output;
using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Tools;

/// <summary>Shares a budget of text between the captured streams: stderr gets what it needs up to a quarter, stdout the rest.</summary>
internal sealed class RawPages(StreamPager pager, IOutputStore store, OutputSnapshot snapshot)
{
    private const int StderrShare = 4;

    public static StreamSource Source(OutputSnapshot snapshot, OutputStream stream) => new(
        Gateway.Jobs.JobIdText.TryParse(snapshot.Job.Id, out var id) ? id : Guid.Empty,
        snapshot.Attempt,
        stream,
        snapshot.LengthBytes.GetValueOrDefault(stream),
        snapshot.Ended);

    /// <summary>The pages by the names of their streams. If only one stream's offset was sent, the other is left out.</summary>
    public async Task<IReadOnlyList<(string Stream, StreamPage Page)>> ReadAsync(ParsedArguments arguments, int maxChars, CancellationToken cancellationToken)
    {
        var stdoutAsked = arguments.Has("stdoutOffsetBytes") || arguments.Has("stdoutOffsetChars");
        var stderrAsked = arguments.Has("stderrOffsetBytes") || arguments.Has("stderrOffsetChars");
        var both = stdoutAsked == stderrAsked;
        var pages = new List<(string Stream, StreamPage Page)>();
        var left = maxChars;
        if (both || stderrAsked)
        {
            var page = await PageAsync(arguments, "stderr", OutputStream.Stderr, both ? maxChars / StderrShare : maxChars, cancellationToken).ConfigureAwait(false);
            pages.Add(("stderr", page));
            left -= page.Text.Length;
        }

        if (both || stdoutAsked)
        {
            pages.Insert(0, ("stdout", await PageAsync(arguments, "stdout", OutputStream.Stdout, left, cancellationToken).ConfigureAwait(false)));
        }

        return pages;
    }

    private Task<StreamPage> PageAsync(ParsedArguments arguments, string name, OutputStream stream, int maxChars, CancellationToken cancellationToken)
    {
        var source = Source(snapshot, stream);
        return arguments.Number(name + "OffsetChars") is { } chars
            ? pager.ReadFromCharAsync(store, source, chars, maxChars, cancellationToken)
            : pager.ReadAsync(store, source, arguments.Number(name + "OffsetBytes") ?? 0, maxChars, countChars: true, cancellationToken);
    }
}
