namespace Gateway.Api.Auth.SignIn;

/// <summary>By what a caller tried to be known.</summary>
internal enum SignInWay
{
    /// <summary>A text that has the form of a key.</summary>
    Key,

    /// <summary>The token of an issuer.</summary>
    Token,

    /// <summary>A text that is neither, which nothing has to be asked about.</summary>
    Other,
}
