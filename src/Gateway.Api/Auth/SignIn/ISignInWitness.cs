namespace Gateway.Api.Auth.SignIn;

/// <summary>
/// Is told of sign-ins that failed, so that they can be written down. Called on the way of the call: it must not wait. How many come is
/// bounded by the limits of <see cref="SignInOptions"/> for each address.
/// </summary>
internal interface ISignInWitness
{
    /// <summary>A sign-in has failed.</summary>
    /// <param name="failure">What is known of it.</param>
    void Failed(SignInFailure failure);
}
