namespace Gateway.Execution.Credentials;

/// <summary>How a value reaches the CLI.</summary>
public enum CredentialKind
{
    /// <summary>By an open descriptor: in neither environment nor argv, so the CLI's tools do not see it.</summary>
    ApiKey,

    /// <summary>By the environment: the CLI has no other way for bearer tokens, and its tools can see it.</summary>
    AuthToken,

    /// <summary>Not at all: the CLI uses the login of the user who runs this worker.</summary>
    Login,
}
