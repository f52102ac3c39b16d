namespace Gateway.Api.Auth.SignIn;

/// <summary>A sign-in that failed. Nothing of what was presented is in it.</summary>
/// <param name="Address">The caller's address in full; empty where there is none.</param>
/// <param name="Way">What was presented.</param>
/// <param name="Reason">Why it opens nothing, in words of ours.</param>
/// <param name="IsLimited">True for the first failure over a limit: those that follow it in the window are counted and not told.</param>
internal sealed record SignInFailure(string Address, SignInWay Way, string Reason, bool IsLimited);
