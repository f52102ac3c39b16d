using Gateway.Api.Auth;
using Gateway.Hosting.Settings;
using Gateway.Jobs.Audit;
using Gateway.Tests.Support;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>The end of the audit log's chain, kept beside the keys.</summary>
public sealed class AuditMemoryFileSpecs : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Two_gateways_of_one_folder_that_remember_at_once_leave_one_whole_file_and_nothing_beside_it()
    {
        var hash = new string('a', 64);

        Parallel.For(1, 400, i => OfAGateway().Keep(new AuditHead(i, hash)));

        Assert.Equal(hash, OfAGateway().Read()!.Hash);
        Assert.Equal([AuditMemoryFile.FileName], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName));
    }

    private AuditMemoryFile OfAGateway() => new(Options.Create(new DataOptions { Folder = folder.Path }));
}
