using System.Security.Claims;
using Gateway.Api.Auth;
using Gateway.Policies.Grants;
using Xunit;

namespace Gateway.Tests.Api;

public sealed class IdentitySpecs
{
    private static readonly HashSet<string> Read = [Scopes.JobsRead];
    private readonly Identities identities = new(new BookOfTheKey());

    [Fact]
    public void The_generated_key_is_the_caller_local_of_the_tenant_default()
    {
        var identity = identities.Of(new Credential.ApiKey("local"), "k", Read);

        Assert.Equal(Bench.Me, identity.Caller);
        Assert.Equal(new Credential.ApiKey("local"), Identity.Of(identity.ToPrincipal("x")).Credential);
    }

    [Fact]
    public void A_credential_without_a_grant_is_a_caller_of_its_own_that_nothing_is_allowed_to()
    {
        var one = identities.Of(new Credential.ApiKey("other"), "k1", Read);
        var another = identities.Of(new Credential.Token(new string('i', 500), new string('s', 500), new Dictionary<string, IReadOnlyList<string>>()), new string('t', 1000), Read);

        Assert.Equal(("(none)", "(none)", null), (one.Grant.Label, one.Caller.Tenant, one.Grant.Policy));
        Assert.NotEqual(one.Caller, another.Caller);
        Assert.NotEqual(one.Caller, identities.Of(new Credential.ApiKey("other"), "k2", Read).Caller);
        Assert.InRange(another.Caller.Grant.Length, 1, 256);
    }

    [Theory]
    [InlineData("default", "local")]
    [InlineData("acme", "(none)")]
    public void A_grant_of_another_tenant_is_not_a_keys_grant(string tenantOfTheKey, string label) =>
        Assert.Equal(label, identities.Of(new Credential.ApiKey("local") { Tenant = tenantOfTheKey }, "k", Read).Grant.Label);

    [Fact]
    public void Claims_make_no_caller() => Assert.Throws<InvalidOperationException>(() => Identity.Of(new ClaimsPrincipal(
        new ClaimsIdentity([new("gateway:tenant", "default"), new("gateway:grant", "local"), new("scope", "jobs:admin"), new(ClaimTypes.NameIdentifier, "default/local")], "x"))));
}
