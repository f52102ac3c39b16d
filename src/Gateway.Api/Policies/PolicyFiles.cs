namespace Gateway.Api.Policies;

/// <summary>All files of one look, in the shape in which the operator keeps them.</summary>
internal abstract record PolicyFiles
{
    private PolicyFiles()
    {
    }

    /// <summary>There is none: the gateway's own policy holds, for its own key alone.</summary>
    public sealed record None : PolicyFiles;

    /// <summary>One policy for every API key.</summary>
    /// <param name="Policy">The policy.</param>
    public sealed record One(PolicyFile Policy) : PolicyFiles;

    /// <summary>A policy for each label of an API key, which is the name of the file.</summary>
    /// <param name="Policies">The policies.</param>
    public sealed record ByLabel(IReadOnlyList<PolicyFile> Policies) : PolicyFiles;

    /// <summary>A grants file that names its policies.</summary>
    /// <param name="GrantsFile">The grants file.</param>
    /// <param name="Policies">All other files of the folder; those that are not named are not read as policies.</param>
    public sealed record Granted(PolicyFile GrantsFile, IReadOnlyList<PolicyFile> Policies) : PolicyFiles;
}
