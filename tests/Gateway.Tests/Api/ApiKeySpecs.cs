using Gateway.Api.Auth;
using Xunit;

namespace Gateway.Tests.Api;

public sealed class ApiKeySpecs : IDisposable
{
    private readonly string parent = Directory.CreateTempSubdirectory("gateway-key-").FullName;

    private string Folder => Path.Combine(parent, "data");

    private string KeyFile => Path.Combine(Folder, ApiKey.FileName);

    public void Dispose() => Directory.Delete(parent, recursive: true);

    [Fact]
    public void The_first_start_makes_a_key_that_its_owner_alone_can_read()
    {
        var key = ApiKey.OpenOrCreate(Folder);

        Assert.True(key.WasCreated);
        Assert.Matches("^gwk_[A-Za-z0-9_-]{43}$", key.Text);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal([KeyFile], Directory.GetFiles(Folder));
    }

    [Fact]
    public void Later_starts_have_the_same_key()
    {
        var first = ApiKey.OpenOrCreate(Folder);

        var second = ApiKey.OpenOrCreate(Folder);

        Assert.False(second.WasCreated);
        Assert.True(second.Matches(first.Text));
        Assert.False(second.Matches(first.Text + "x"));
        Assert.False(second.Matches(string.Empty));
    }

    [Fact]
    public async Task Starts_at_the_same_time_agree_on_one_key()
    {
        // Rounds: a look before the act is wrong only now and then.
        for (var round = 0; round < 40; round++)
        {
            var folder = Path.Combine(parent, $"data{round}");
            var keys = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => ApiKey.OpenOrCreate(folder))));

            Assert.Single(keys.Select(k => k.Text).Distinct());
            Assert.Single(keys, k => k.WasCreated);
        }
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_key_that_others_can_use_is_refused_with_what_to_do(UnixFileMode more)
    {
        _ = ApiKey.OpenOrCreate(Folder);
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | more);

        var fault = Assert.Throws<InvalidOperationException>(() => ApiKey.OpenOrCreate(Folder));

        Assert.Contains("chmod 600", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("gwk_short")]
    [InlineData("secret")]
    public void A_file_that_holds_no_key_is_refused(string text)
    {
        _ = ApiKey.OpenOrCreate(Folder);
        File.WriteAllText(KeyFile, text);

        var fault = Assert.Throws<InvalidOperationException>(() => ApiKey.OpenOrCreate(Folder));

        Assert.Contains("Delete it", fault.Message, StringComparison.Ordinal);
    }
}
