using Gateway.Hosting.Settings;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Policies;

/// <summary>Reads the files of the policies, and knows cheaply whether they may have changed.</summary>
internal sealed class PolicySource(IOptions<PolicyOptions> options, IOptions<DataOptions> data)
{
    /// <summary>Name of the grants file.</summary>
    public const string GrantsName = "grants.json";

    private const string Pattern = "*.json";
    private const string DefaultFolder = "policies";

    // Larger ones are refused by the reader, which says so; not all of a huge file has to be read for that.
    private const int MostBytes = (256 * 1024) + 1;

    private readonly PolicyOptions settings = options.Value;

    /// <summary>Where they are, for people.</summary>
    public string Place => settings.File ?? settings.Folder ?? Path.Combine(data.Value.Folder, DefaultFolder);

    /// <summary>Reads them all.</summary>
    /// <exception cref="IOException">A file or the folder that a setting names cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public PolicyFiles Read()
    {
        if (settings.File is { } single)
        {
            return new PolicyFiles.One(ReadFile(single));
        }

        var folder = Place;
        if (settings.Folder is null && !Directory.Exists(folder))
        {
            return new PolicyFiles.None();
        }

        var files = Directory.EnumerateFiles(folder, Pattern).Order(StringComparer.Ordinal).Select(ReadFile).ToList();
        return files.Find(file => file.Name == GrantsName) is { } grants
            ? new PolicyFiles.Granted(grants, [.. files.Where(file => file.Name != GrantsName)])
            : new PolicyFiles.ByLabel(files);
    }

    /// <summary>Names, lengths and times: another text when somebody has written.</summary>
    public string Stamp()
    {
        var files = settings.File is { } single ? [new FileInfo(single)]
            : Directory.Exists(Place) ? new DirectoryInfo(Place).GetFiles(Pattern) : [];
        return string.Join('\n', files.OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => file.Exists ? $"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}" : $"{file.Name} is gone"));
    }

    private static PolicyFile ReadFile(string path)
    {
        using var file = File.OpenRead(path);
        using var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (content.Length < MostBytes && file.Read(buffer) is var read and not 0)
        {
            content.Write(buffer, 0, read);
        }

        return new PolicyFile(Path.GetFileName(path), content.ToArray());
    }
}
