namespace Gateway.Tests.Execution.Providers.Added;

/// <summary>Section <c>Added</c>: how the CLI is started.</summary>
internal sealed class AddedOptions
{
    public const string Section = "Added";

    /// <summary>Absolute path of the program.</summary>
    public string Program { get; set; } = "";
}
