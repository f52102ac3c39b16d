using System.Globalization;
using System.Text;
using Gateway.Hosting.Settings;
using Gateway.Jobs.Audit;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Auth;

/// <summary>The end of the chain as this gateway last saw it, in the data folder: who has the database alone cannot set it back.</summary>
internal sealed class AuditMemoryFile(IOptions<DataOptions> data) : IAuditMemory
{
    /// <summary>Name of the file in the data folder.</summary>
    public const string FileName = "audit-head";

    private string Path => System.IO.Path.Combine(data.Value.Folder, FileName);

    public AuditHead? Read()
    {
        if (!File.Exists(Path))
        {
            return null;
        }

        return File.ReadAllText(Path).Trim().Split(' ') is [var seq, { Length: 64 } hash] && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new AuditHead(number, hash)
            : throw new AuditBrokenException($"The file {FileName} of the data folder does not hold a number and a hash.");
    }

    public void Keep(AuditHead head)
    {
        // Whole or not at all: a gateway that is killed while it writes must not forget. A draft of its own: another gateway may have the same folder.
        var draft = $"{Path}.{Guid.NewGuid():n}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(draft, options))
        {
            file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{head.Seq} {head.Hash}\n")));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, Path, overwrite: true);
    }
}
