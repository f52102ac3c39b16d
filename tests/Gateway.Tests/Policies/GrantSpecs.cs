using Gateway.Policies;
using Gateway.Policies.Documents;
using Gateway.Policies.Grants;
using Xunit;
using static Gateway.Tests.Policies.Texts;

namespace Gateway.Tests.Policies;

/// <summary>What a credential stands for: by the grants file, by one policy for all, by a folder of files.</summary>
public sealed class GrantSpecs
{
    private const string Any = """{ "version": "1", "default": "deny" }""";

    private const string Grants = """
        { "version": "1",
          "policies": { "seed": "seed.json", "team": "team.json", "auditor": "auditor.json" },
          "grants": [
            { "label": "nightly-ci", "tenant": "acme", "policy": "seed", "match": { "api_key": "nightly-ci" } },
            { "label": "acme-audit", "tenant": "acme", "policy": "auditor", "match": { "issuer": "https://login.example.com/", "claims": { "roles": "auditor" } } },
            { "label": "staff", "tenant_claim": "org_id", "policy": "team", "match": { "issuer": "https://login.example.com/", "claims": { "roles": "gateway.user" } } },
            { "label": "workstation", "tenant": "local", "policy": "team", "match": { "transport": "stdio" } } ] }
        """;

    [Fact]
    public void The_first_grant_of_the_file_that_fits_says_who_a_caller_is()
    {
        var snapshot = Snapshot();

        Assert.Equal(("nightly-ci", "acme", "nightly-ci", "seed"), Of(snapshot.Find(new Credential.ApiKey("nightly-ci", "other"))));
        Assert.Equal(("acme-audit", "acme", "acme-audit https://login.example.com/ ann", "auditor"), Of(snapshot.Find(Token("ann", "org", "gateway.user", "auditor"))));
        Assert.Equal(("staff", "org", "staff https://login.example.com/ bob", "team"), Of(snapshot.Find(Token("bob", "org", "gateway.user"))));
        Assert.Equal(("workstation", "local", "workstation", "team"), Of(snapshot.Find(new Credential.Stdio())));
    }

    [Fact]
    public void Who_fits_no_grant_has_none()
    {
        var snapshot = Snapshot();

        Assert.Null(snapshot.Find(new Credential.ApiKey("nightly")));
        Assert.Null(snapshot.Find(new Credential.ApiKey("Nightly-ci")));
        Assert.Null(snapshot.Find(Token("bob", "org", "user")));
        Assert.Null(snapshot.Find(Token("bob", null, "gateway.user")));
        Assert.Null(snapshot.Find(Token("bob", new string('t', 65), "gateway.user")));
        Assert.Null(snapshot.Find(new Credential.Token("https://login.example.com", "bob", new Dictionary<string, IReadOnlyList<string>> { ["roles"] = ["gateway.user"], ["org_id"] = ["org"] })));
        Assert.Null(snapshot.Find(new Credential.Token("https://login.example.com/", "bob", new Dictionary<string, IReadOnlyList<string>> { ["roles"] = ["gateway.user"], ["org_id"] = ["org", "other"] })));
    }

    [Fact]
    public void Each_person_of_an_issuer_is_a_caller_of_its_own_whatever_its_subject_looks_like()
    {
        var snapshot = Snapshot();
        string Value(string subject) => snapshot.Find(Token(subject, "org", "gateway.user"))!.Value;

        Assert.Equal(4, new[] { Value("a"), Value("a b"), Value(new string('x', 300)), Value(new string('x', 301)) }.Distinct().Count());
        Assert.All([Value("a"), Value(new string('x', 300))], value => Assert.InRange(value.Length, 1, 256));
    }

    [Fact]
    public void A_stored_job_finds_its_grant_again_and_none_when_that_is_gone_or_another_tenants()
    {
        var snapshot = Snapshot();

        Assert.Equal(("nightly-ci", "acme", "nightly-ci", "seed"), Of(snapshot.FindByLabel("nightly-ci", "acme", "nightly-ci")));
        Assert.Equal(("staff", "org", "staff https://login.example.com/ bob", "team"), Of(snapshot.FindByLabel("staff", "org", "staff https://login.example.com/ bob")));
        Assert.Null(snapshot.FindByLabel("nightly-ci", "other", "nightly-ci"));
        Assert.Null(snapshot.FindByLabel("nightly-ci", "acme", "someone"));
        Assert.Null(snapshot.FindByLabel("gone", "acme", "gone"));
        Assert.Null(snapshot.FindByLabel("staff", "org", "staff"));
    }

    [Fact]
    public void A_grant_without_a_policy_and_a_policy_without_a_grant_load_with_a_warning()
    {
        var loaded = Load("""{ "version": "1", "policies": { "seed": "seed.json" }, "grants": [{ "label": "a", "tenant": "t", "match": { "api_key": "a" } }] }""");

        Assert.Equal([("W09", "/grants/0"), ("W09", "/policies/seed")], loaded.Snapshot?.Warnings.Where(w => w.File == "grants.json").Select(w => (w.Code, w.Pointer)));
        Assert.Equal(("a", "t", "a", null), Of(loaded.Snapshot?.Find(new Credential.ApiKey("a"))));
    }

    [Theory]
    [InlineData("""{ "label": "a", "match": { "api_key": "a" } }""", "", "tenant is missing")]
    [InlineData("""{ "label": "a", "tenant": "t", "tenant_claim": "c", "match": { "issuer": "https://i/", "claims": {} } }""", "/tenant_claim", "Keep one")]
    [InlineData("""{ "label": "a", "tenant_claim": "c", "match": { "api_key": "a" } }""", "/tenant_claim", "only a token has claims")]
    [InlineData("""{ "tenant": "t", "match": { "api_key": "a" } }""", "", "label is missing")]
    [InlineData("""{ "label": "a b", "tenant": "t", "match": { "api_key": "a" } }""", "/label", "without spaces")]
    [InlineData("""{ "label": "", "tenant": "t", "match": { "api_key": "a" } }""", "/label", "1 to 64")]
    [InlineData("""{ "label": "a", "tenant": "", "match": { "api_key": "a" } }""", "/tenant", "1 to 64")]
    [InlineData("""{ "label": "a", "tenant": "t" }""", "", "match is missing")]
    [InlineData("""{ "label": "a", "tenant": "t", "match": {} }""", "/match", "exactly one of")]
    [InlineData("""{ "label": "a", "tenant": "t", "match": { "api_key": "a", "transport": "stdio" } }""", "/match", "exactly one of")]
    [InlineData("""{ "label": "a", "tenant": "t", "match": { "api_key": "a", "claims": {} } }""", "/match", "exactly one of")]
    [InlineData("""{ "label": "a", "tenant": "t", "match": { "transport": "http" } }""", "/match/transport", "\"stdio\"")]
    [InlineData("""{ "label": "a", "tenant": "t", "match": { "issuer": "https://i/" } }""", "/match", "claims is missing")]
    [InlineData("""{ "label": "a", "tenant": "t", "match": { "issuer": "login", "claims": {} } }""", "/match/issuer", "https://")]
    [InlineData("""{ "label": "a", "tenant": "t", "match": { "issuer": "https://i/", "claims": { "roles": ["x"] } } }""", "/match/claims/roles", "a text")]
    [InlineData("""{ "label": "a", "tenant": "t", "policy": "sead", "match": { "api_key": "a" } }""", "/policy", "Did you mean seed?")]
    [InlineData("""{ "label": "a", "tenant": "t", "polcy": "seed", "match": { "api_key": "a" } }""", "/polcy", "Did you mean policy?")]
    public void A_wrong_grant_is_told_with_its_place_and_what_is_allowed(string grant, string pointer, string words)
    {
        var fault = Assert.Single(Load($$"""{ "version": "1", "policies": { "seed": "seed.json" }, "grants": [{{grant}}] }""").Faults);

        Assert.Equal(($"/grants/0{pointer}", "grants.json"), (fault.Pointer, fault.File));
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_of_all_files_are_told_at_once()
    {
        var loaded = SnapshotLoader.Load(
            File("""{ "version": "1", "policies": { "a": "a.json", "b": "b.json", "c": "c.json" }, "grants": [{ "label": "x", "tenant": "t", "match": { "api_key": "k" } }, { "label": "x", "tenant": "t", "match": { "api_key": "l" } }] }""", "grants.json"),
            [File("""{ "version": "1" }""", "a.json"), File("{", "b.json"), File("not read", "unnamed.json")],
            Tools);

        Assert.Null(loaded.Snapshot);
        Assert.Equal([("grants.json", "/policies/c"), ("grants.json", "/grants/1"), ("a.json", ""), ("b.json", "")], loaded.Faults.Select(f => (f.File, f.Pointer)));
    }

    [Fact]
    public void One_policy_is_for_all_grants_that_are_given()
    {
        var loaded = SnapshotLoader.LoadOne(File(Any, "house.json"), [new GrantRule { Label = "keys", Match = new GrantMatch.AnyApiKey() }, new GrantRule { Label = "here", Tenant = "local", Match = new GrantMatch.Stdio() }], Tools).Snapshot;

        Assert.Equal(("ci", "acme", "ci", "house"), Of(loaded?.Find(new Credential.ApiKey("ci", "acme"))));
        Assert.Null(loaded?.Find(new Credential.ApiKey("ci")));
        Assert.Equal(("here", "local", "here", "house"), Of(loaded?.Find(new Credential.Stdio())));
        Assert.Equal(("ci", "acme", "ci", "house"), Of(loaded?.FindByLabel("ci", "acme", "ci")));
    }

    [Fact]
    public void In_a_folder_without_a_grants_file_a_file_is_for_the_keys_of_its_name()
    {
        var loaded = SnapshotLoader.LoadFolder([File(Any, "ci.json"), File(Any, "nightly.json")], "local", Tools).Snapshot;

        Assert.Equal(("ci", "local", "ci", "ci"), Of(loaded?.Find(new Credential.ApiKey("ci"))));
        Assert.Equal(("nightly", "local", "nightly", "nightly"), Of(loaded?.FindByLabel("nightly", "local", "nightly")));
        Assert.Null(loaded?.Find(new Credential.ApiKey("other")));
    }

    private static LoadResult Load(string grants) =>
        SnapshotLoader.Load(File(grants, "grants.json"), [File(Any, "seed.json"), File(Any, "team.json"), File(Any, "auditor.json")], Tools);

    private static PolicySnapshot Snapshot()
    {
        var loaded = Load(Grants);
        Assert.Empty(loaded.Faults);
        return loaded.Snapshot!;
    }

    private static Credential.Token Token(string subject, string? organisation, params string[] roles)
    {
        var claims = new Dictionary<string, IReadOnlyList<string>> { ["roles"] = roles };
        if (organisation is not null)
        {
            claims["org_id"] = [organisation];
        }

        return new Credential.Token("https://login.example.com/", subject, claims);
    }

    private static (string?, string?, string?, string?) Of(PolicyGrant? grant) => (grant?.Label, grant?.Tenant, grant?.Value, grant?.Policy?.Name);
}
