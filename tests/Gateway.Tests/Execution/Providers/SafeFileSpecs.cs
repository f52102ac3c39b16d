using System.Text;
using Gateway.Execution.Providers;
using Xunit;

namespace Gateway.Tests.Execution.Providers;

/// <summary>Files of ours in a directory in which an agent has been before.</summary>
public sealed class SafeFileSpecs : IDisposable
{
    private static readonly byte[] Ours = Encoding.UTF8.GetBytes("ours");

    private readonly string _root = Directory.CreateTempSubdirectory("gwsafe").FullName;

    private string Folder => Directory.CreateDirectory(Path.Combine(_root, "folder")).FullName;

    private string Target => Path.Combine(Folder, "settings.json");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_file_is_its_owners_alone_and_nothing_is_left_beside_it()
    {
        Assert.True(SafeFile.TryReplace(Folder, "settings.json", Ours));
        Assert.Equal("ours", File.ReadAllText(Target));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Target));
        Assert.Equal([Target], Directory.EnumerateFileSystemEntries(Folder));
    }

    [Fact]
    public void A_link_in_its_place_is_replaced_and_what_it_leads_to_stays()
    {
        var elsewhere = Path.Combine(_root, "elsewhere");
        File.WriteAllText(elsewhere, "theirs");
        File.CreateSymbolicLink(Target, elsewhere);
        Assert.True(SafeFile.TryReplace(Folder, "settings.json", Ours));
        Assert.Equal(("ours", "theirs"), (File.ReadAllText(Target), File.ReadAllText(elsewhere)));
        Assert.Null(new FileInfo(Target).LinkTarget);
    }

    [Fact]
    public void A_link_to_a_folder_in_its_place_is_replaced_and_the_folder_stays()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(_root, "elsewhere"));
        File.WriteAllText(Path.Combine(elsewhere.FullName, "kept"), "theirs");
        File.CreateSymbolicLink(Target, elsewhere.FullName);
        Assert.True(SafeFile.TryReplace(Folder, "settings.json", Ours));
        Assert.Equal(("ours", "theirs"), (File.ReadAllText(Target), File.ReadAllText(Path.Combine(elsewhere.FullName, "kept"))));
    }

    [Fact]
    public void A_second_name_of_another_file_in_its_place_leaves_that_file_as_it_is()
    {
        File.WriteAllText(Target, "theirs");
        var other = Path.Combine(_root, "other");
        Assert.Equal(0, Link(Target, other));
        Assert.True(SafeFile.TryReplace(Folder, "settings.json", Ours));
        Assert.Equal(("ours", "theirs"), (File.ReadAllText(Target), File.ReadAllText(other)));
    }

    [Fact]
    public void A_folder_in_its_place_is_removed()
    {
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Target).FullName, "x"), "theirs");
        Assert.True(SafeFile.TryReplace(Folder, "settings.json", Ours));
        Assert.Equal("ours", File.ReadAllText(Target));
    }

    [Fact]
    public void A_link_in_the_folders_place_is_not_followed()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(_root, "elsewhere")).FullName;
        var link = Path.Combine(_root, "link");
        File.CreateSymbolicLink(link, elsewhere);
        Assert.False(SafeFile.TryReplace(link, "settings.json", Ours));
        Assert.False(SafeFile.TryReplace(Path.Combine(_root, "missing"), "settings.json", Ours));
        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
    }

    private static int Link(string existing, string other)
    {
        using var link = System.Diagnostics.Process.Start("ln", [existing, other]);
        link.WaitForExit();
        return link.ExitCode;
    }
}
