using System.Diagnostics;

namespace Gateway.Tests.Support;

/// <summary>A disk of a few megabytes in memory, mounted for one test.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string path;

    private SmallDisk(string path) => this.path = path;

    /// <summary>Null where this user may not mount.</summary>
    public static async Task<SmallDisk?> TryMountAsync(string path, string size)
    {
        Directory.CreateDirectory(path);
        return await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "gateway-test", path) == 0 ? new SmallDisk(path) : null;
    }

    public string File(string name) => System.IO.Path.Combine(path, name);

    /// <summary>Lets the user who owns a folder write here.</summary>
    public Task GiveToOwnerOfAsync(string folder) => RunAsync("chown", $"--reference={folder}", path);

    public Task GrowAsync(string size) => RunAsync("mount", "-o", $"remount,size={size}", path);

    public async ValueTask DisposeAsync() => await RunAsync("umount", "--lazy", path);

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
