namespace Gateway.Execution.Providers;

/// <summary>What the command line of a provider relies on, to be held against the program that is installed.</summary>
public sealed record AgentContract
{
    /// <summary>The program: an absolute path, or a name that is looked for on <see cref="SearchPath"/>.</summary>
    public required string Program { get; init; }

    /// <summary>Directories, divided by colons.</summary>
    public required string SearchPath { get; init; }

    /// <summary>Name of the credential that pays where the call names none.</summary>
    public required string CredentialName { get; init; }

    /// <summary>Pages of the program's help, with the flags that each has to name.</summary>
    public required IReadOnlyList<HelpPage> Pages { get; init; }

    /// <summary>One page of help.</summary>
    /// <param name="Words">Arguments that print it.</param>
    /// <param name="Flags">Flags that have to stand in it.</param>
    public sealed record HelpPage(IReadOnlyList<string> Words, IReadOnlyList<string> Flags);
}
