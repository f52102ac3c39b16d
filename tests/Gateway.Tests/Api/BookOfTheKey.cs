using Gateway.Api.Policies;
using Gateway.Policies.Grants;

namespace Gateway.Tests.Api;

/// <summary>Grants for the generated key alone, and no policy.</summary>
internal sealed class BookOfTheKey : IGrantBook
{
    public PolicyGrant? Find(Credential credential) => credential is Credential.ApiKey { Label: "local" } ? new PolicyGrant("local", "default", "local", null) : null;
}
