using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.Providers;
using Gateway.Execution.Providers.Gemini;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Execution.Providers;

public sealed class GeminiProviderSpecs : IDisposable
{
    private static readonly Guid Session = Guid.Parse("11111111-2222-3333-4444-555555555555");

    private readonly string _home = Directory.CreateTempSubdirectory("gwgem").FullName;

    private string Config => Directory.CreateDirectory(Path.Combine(_home, ".gemini")).FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public void A_cli_that_is_nowhere_on_the_path_is_missing()
    {
        var refused = Assert.Throws<RunRefusedException>(() => Provider(program: "no-such-gemini").Command(Launch()));
        Assert.Equal((FailureKinds.CliMissing, 127), (refused.Failure.Kind, refused.ExitCode));
        Assert.Contains("Gemini:Program", refused.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_package_of_the_script_and_Node_may_be_read_and_nothing_above_them()
    {
        var package = Directory.CreateDirectory(Path.Combine(_home, "node_modules", "@google", "gemini-cli")).FullName;
        var script = Path.Combine(Directory.CreateDirectory(Path.Combine(package, "bundle")).FullName, "gemini.js");
        File.WriteAllText(script, "");
        Assert.Empty(Provider(script).Command(Launch()).ReadOnlyPaths);

        File.WriteAllText(Path.Combine(package, "package.json"), "{}");
        Assert.Equal([package], Provider(script).Command(Launch()).ReadOnlyPaths);
        var node = Path.Combine(_home, "node");
        File.WriteAllText(node, "");
        Assert.Equal([package, node], Provider(script, _home).Command(Launch()).ReadOnlyPaths);

        var link = Path.Combine(_home, "gemini");
        File.CreateSymbolicLink(link, script);
        Assert.Equal([package], Provider(link).Command(Launch()).ReadOnlyPaths);
    }

    [Fact]
    public void A_run_with_a_key_finds_its_settings_anew_and_a_login_keeps_its_own()
    {
        var settings = Path.Combine(Config, "settings.json");
        Provider().Prepare(Launch());
        var ours = File.ReadAllText(settings);
        Assert.Contains("\"maxAttempts\": 3", ours, StringComparison.Ordinal);
        Assert.Contains("\"selectedType\": \"gemini-api-key\"", ours, StringComparison.Ordinal);

        File.WriteAllText(settings, "{}");
        Provider().Prepare(Launch(CredentialKind.Login));
        Assert.Equal("{}", File.ReadAllText(settings));
        Provider().Prepare(Launch());
        Assert.Equal(ours, File.ReadAllText(settings));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("""{"answersWithRecord":true}""", true)]
    public void What_the_reader_has_to_know_is_noted(string? arguments, bool record) =>
        Assert.Equal(record, Provider().Describe(Note, Launch().Grant with { ArgumentsJson = arguments }).AnswersWithRecord);

    [Fact]
    public void A_home_whose_folder_became_a_link_starts_nothing()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(_home, "elsewhere")).FullName;
        File.CreateSymbolicLink(Path.Combine(_home, ".gemini"), elsewhere);
        var refused = Assert.Throws<RunRefusedException>(() => Provider().Prepare(Launch())).Failure;
        Assert.Equal(FailureKinds.Rejected, refused.Kind);
        Assert.DoesNotContain("/", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
    }

    [Fact]
    public void A_conversation_is_found_in_whatever_project_by_its_whole_id()
    {
        Assert.Null(Provider().FindTranscript(Note));
        Transcript("other", "11111111-0000-0000-0000-000000000000");
        Assert.Null(Provider().FindTranscript(Note));

        var mine = Transcript("mine", Session.ToString("d"));
        Assert.Equal(mine, Provider().FindTranscript(Note));
    }

    [Fact]
    public void A_conversation_without_a_turn_cannot_be_gone_on_with()
    {
        var path = Transcript("mine", Session.ToString("d"));
        Assert.False(Provider().CanResume(path));
        File.AppendAllText(path, """{"$set":{"messages":[{"id":"0","type":"user","content":[{"text":"<session_context>"}]}]}}""" + "\n");
        Assert.False(Provider().CanResume(path));
        File.AppendAllText(path, """{"id":"1","type":"user","content":[{"text":"hi"}]}""" + "\n");
        Assert.True(Provider().CanResume(path));
    }

    [Fact]
    public void A_prompt_that_the_CLI_has_taken_back_was_not_said()
    {
        const string place = """{"id":"0","type":"user","content":[{"text":"<session_context>"}]}""";
        var (one, answer, two) = (Turn("1", "user", "hi"), Turn("2", "gemini", "hello"), Turn("3", "user", new string('x', 200_000)));
        var path = Transcript("mine", Session.ToString("d"));
        File.AppendAllText(path, $"{Set(place)}{one}\n{Set(place)}");
        Assert.False(Provider().CanResume(path));

        // Of a second turn that is taken back the first one is left.
        File.AppendAllText(path, $"{one}\n{answer}\n");
        var earlier = new FileInfo(path).Length;
        Assert.True(Provider().CanResume(path));
        Assert.False(Provider().CanResume(path, earlier));
        File.AppendAllText(path, $"{Set(place, one, answer)}{two}\n");
        Assert.True(Provider().CanResume(path, earlier));
        File.AppendAllText(path, Set(place, one, answer, two));
        Assert.True(Provider().CanResume(path, earlier));
        File.AppendAllText(path, Set(place, one, answer));
        Assert.True(Provider().CanResume(path));
        Assert.False(Provider().CanResume(path, earlier));

        static string Turn(string id, string type, string text) => $$$"""{"id":"{{{id}}}","type":"{{{type}}}","content":[{"text":"{{{text}}}"}]}""";
        static string Set(params string[] messages) => $$$"""{"$set":{"messages":[{{{string.Join(',', messages)}}}],"lastUpdated":"2026-11-29T02:09:30.298Z"}}""" + "\n";
    }

    [Fact]
    public void A_link_in_a_conversations_place_is_no_conversation()
    {
        var path = Transcript("mine", Session.ToString("d"));
        var elsewhere = Path.Combine(_home, "elsewhere");
        File.Move(path, elsewhere);
        File.CreateSymbolicLink(path, elsewhere);
        Assert.Null(Provider().FindTranscript(Note));
        Assert.False(Provider().CanResume(path));
    }

    private RunNote Note => new() { Provider = "gemini", SessionId = Session, CredentialName = "gemini", ConfigDirectory = Config };

    private static GeminiProvider Provider(string program = "/bin/true", string searchPath = "/nowhere") =>
        new(Options.Create(new GeminiOptions { Program = program, SearchPath = searchPath, MaxAttempts = 3 }), new FakeTimeProvider());

    private string Transcript(string project, string id)
    {
        var chats = Directory.CreateDirectory(Path.Combine(Config, "tmp", project, "chats")).FullName;
        var path = Path.Combine(chats, $"session-2026-01-01T00-00-{id[..8]}.jsonl");
        File.WriteAllText(path, $$"""{"sessionId":"{{id}}","projectHash":"0","kind":"main"}""" + "\n");
        return path;
    }

    private AgentLaunch Launch(CredentialKind kind = CredentialKind.ApiKey) => new()
    {
        Key = new RunKey(Guid.NewGuid(), 1),
        Grant = new RunGrant { Prompt = "hi", SessionId = Session, CredentialName = "gemini", Timeout = TimeSpan.FromMinutes(1), IdleTimeout = TimeSpan.FromMinutes(1) },
        Resumes = false,
        Directories = new RunDirectories { Home = _home, Config = Path.Combine(_home, ".gemini"), Temporary = "/t", Work = "/w", WorkIdentity = default, WorkIsPrivate = true },
        Credential = new ProviderCredential("gemini", kind, kind == CredentialKind.Login ? null : "k"),
    };
}
