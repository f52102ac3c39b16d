using Gateway.EndToEndTests.Support;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>A database that the gateways of one test share.</summary>
/// <param name="Settings">What a gateway is told to use it.</param>
/// <param name="Store">The same database, read by the test.</param>
internal sealed record ScaleOutDatabase(IReadOnlyList<(string Name, string Value)> Settings, JobStore Store)
{
    /// <summary>Makes one.</summary>
    public static Task<ScaleOutDatabase> CreateAsync(string folder)
    {
        var file = Path.Combine(folder, "gateway.db");
        return Task.FromResult(new ScaleOutDatabase([("Storage:Sqlite:File", file)], JobStore.OfFile(file)));
    }

    public Task DropAsync() => Task.CompletedTask;
}
