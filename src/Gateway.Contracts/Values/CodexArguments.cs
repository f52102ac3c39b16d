namespace Gateway.Contracts.Values;

/// <summary>
/// What a run of Codex was asked for, parsed and checked at the edge. Null, false and empty mean: not asked for. Goes over the
/// wire as the JSON object of <see cref="RunGrant.ArgumentsJson"/>, with these names in camel case: they are never renamed.
/// </summary>
public sealed record CodexArguments
{
    /// <summary>Model name for <c>--model</c>.</summary>
    public string? Model { get; init; }

    /// <summary><c>read-only</c>, <c>workspace-write</c> or <c>danger-full-access</c>; null means <c>read-only</c>.</summary>
    public string? SandboxMode { get; init; }

    /// <summary><c>--dangerously-bypass-approvals-and-sandbox</c>; goes without <see cref="SandboxMode"/>.</summary>
    public bool BypassApprovalsAndSandbox { get; init; }

    /// <summary><c>--dangerously-bypass-hook-trust</c>.</summary>
    public bool BypassHookTrust { get; init; }

    /// <summary><c>--ignore-rules</c>.</summary>
    public bool IgnoreRules { get; init; }

    /// <summary>JSON text of a schema for <c>--output-schema</c>, which the worker itself checks the answer against.</summary>
    public string? OutputSchema { get; init; }

    /// <summary>Absolute paths of at most 8 images, sent with the first prompt of a conversation.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>Absolute paths of at most 16 directories that may be written besides the working directory.</summary>
    public IReadOnlyList<string> AddDirs { get; init; } = [];

    /// <summary>Name for <c>--profile</c>, which only a new conversation takes.</summary>
    public string? Profile { get; init; }

    /// <summary>Keys and values for <c>-c KEY=VALUE</c>; a value is one line.</summary>
    public IReadOnlyDictionary<string, string> ConfigOverrides { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of features for <c>--enable</c>.</summary>
    public IReadOnlyList<string> Enable { get; init; } = [];

    /// <summary>Names of features for <c>--disable</c>.</summary>
    public IReadOnlyList<string> Disable { get; init; } = [];

    /// <summary><c>--oss</c>: a model on the worker's own machine, without the credential.</summary>
    public bool Oss { get; init; }

    /// <summary><c>lmstudio</c> or <c>ollama</c>, for <c>--local-provider</c>.</summary>
    public string? LocalProvider { get; init; }

    /// <summary><c>--strict-config</c>.</summary>
    public bool StrictConfig { get; init; }

    /// <summary><c>--ignore-user-config</c>.</summary>
    public bool IgnoreUserConfig { get; init; }

    /// <summary>The answer is to be the CLI's event stream, as it was written, in place of the text.</summary>
    public bool AnswersWithEvents { get; init; }

    /// <summary><c>--ephemeral</c>: no conversation is kept, so that a lost run cannot go on with it.</summary>
    public bool Ephemeral { get; init; }
}
