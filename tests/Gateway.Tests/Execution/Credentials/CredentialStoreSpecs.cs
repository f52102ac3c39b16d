using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Execution.Credentials;

public sealed class CredentialStoreSpecs : IDisposable
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("gwx").FullName;
    private readonly FakeTimeProvider _clock = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("api_key", CredentialKind.ApiKey)]
    [InlineData("auth_token", CredentialKind.AuthToken)]
    public async Task A_value_comes_from_a_file_of_its_owner(string kind, CredentialKind expected)
    {
        var found = await Store(new CredentialOptions { Kind = kind, File = Write("  sk-1\n", OwnerFile) }).FindAsync("main", CancellationToken.None);
        Assert.Equal((expected, "sk-1"), (found.Kind, found.Value));
    }

    [Fact]
    public async Task A_login_has_no_value()
    {
        var found = await Store(new CredentialOptions { Kind = "login" }).FindAsync("main", CancellationToken.None);
        Assert.Equal((CredentialKind.Login, null), (found.Kind, found.Value));
    }

    [Theory]
    [InlineData("sk-1", UnixFileMode.GroupRead)]
    [InlineData("sk-1", UnixFileMode.OtherRead)]
    [InlineData("sk-1", UnixFileMode.OtherWrite)]
    [InlineData("", UnixFileMode.None)]
    [InlineData("sk-1\nsk-2", UnixFileMode.None)]
    public async Task A_file_that_others_may_use_or_that_holds_no_value_is_refused(string text, UnixFileMode more)
    {
        var refused = await RefusedAsync(Store(new CredentialOptions { Kind = "api_key", File = Write(text, OwnerFile | more) }));
        Assert.DoesNotContain("sk-", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_and_an_unknown_name_are_refused()
    {
        await RefusedAsync(Store(new CredentialOptions { Kind = "api_key", File = Path.Combine(_folder, "none") }));
        await RefusedAsync(Store(null));
    }

    [Fact]
    public async Task A_helper_is_asked_once_until_its_value_is_old()
    {
        var helper = Helper("echo x >> \"$1\"; echo sk-2");
        var count = Path.Combine(_folder, "count");
        var options = new CredentialOptions { Kind = "helper", Command = helper, CacheFor = TimeSpan.FromMinutes(1) };
        options.Arguments.Add(count);
        var store = Store(options);
        Assert.Equal("sk-2", (await store.FindAsync("main", CancellationToken.None)).Value);
        await store.FindAsync("main", CancellationToken.None);
        Assert.Single(File.ReadAllLines(count));
        _clock.Advance(TimeSpan.FromSeconds(61));
        await store.FindAsync("main", CancellationToken.None);
        Assert.Equal(2, File.ReadAllLines(count).Length);
    }

    [Fact]
    public async Task A_helper_that_fails_is_refused_and_what_it_said_is_not_told()
    {
        var refused = await RefusedAsync(Store(new CredentialOptions { Kind = "helper", Command = Helper("echo sk-3; echo sk-3 >&2; exit 4") }));
        Assert.DoesNotContain("sk-3", refused.Message, StringComparison.Ordinal);
        await RefusedAsync(Store(new CredentialOptions { Kind = "helper", Command = Path.Combine(_folder, "none") }));
    }

    private static async Task<RunFailure> RefusedAsync(CredentialStore store)
    {
        var refused = await Assert.ThrowsAsync<RunRefusedException>(() => store.FindAsync("main", CancellationToken.None));
        Assert.Equal((FailureKinds.AuthError, false), (refused.Failure.Kind, refused.Failure.Retryable));
        Assert.Contains("'main'", refused.Failure.Message, StringComparison.Ordinal);
        return refused.Failure;
    }

    private CredentialStore Store(CredentialOptions? main)
    {
        var services = new ServiceCollection();
        services.AddOptions<CredentialsOptions>().Configure(options =>
        {
            if (main is not null)
            {
                options["main"] = main;
            }
        });
        return new CredentialStore(
            services.BuildServiceProvider().GetRequiredService<IOptionsMonitor<CredentialsOptions>>(), _clock, NullLogger<CredentialStore>.Instance);
    }

    private string Write(string text, UnixFileMode mode)
    {
        var path = Path.Combine(_folder, "key");
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, mode);
        return path;
    }

    private string Helper(string script)
    {
        var path = Path.Combine(_folder, "helper");
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, OwnerFile | UnixFileMode.UserExecute);
        return path;
    }
}
