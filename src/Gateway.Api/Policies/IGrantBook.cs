using Gateway.Policies.Grants;

namespace Gateway.Api.Policies;

/// <summary>Which grant a credential has, by what is in force at this moment.</summary>
internal interface IGrantBook
{
    /// <summary>The first grant that matches; null when none does: the credential is known, and may do nothing.</summary>
    /// <param name="credential">How the caller proved who it is.</param>
    PolicyGrant? Find(Credential credential);
}
