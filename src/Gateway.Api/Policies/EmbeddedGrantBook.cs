using Gateway.Policies.Grants;

namespace Gateway.Api.Policies;

/// <summary>The grants of a gateway without a grants file: the generated key alone has one.</summary>
internal sealed class EmbeddedGrantBook : IGrantBook
{
    /// <summary>Label of the generated key.</summary>
    public const string Label = "local";

    /// <summary>Tenant of the generated key.</summary>
    public const string Tenant = "default";

    private static readonly PolicyGrant OfTheKey = new(Label, Tenant, Label, null);

    public PolicyGrant? Find(Credential credential) => credential is Credential.ApiKey { Label: Label } ? OfTheKey : null;
}
