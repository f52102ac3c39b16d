using System.Text.Json.Serialization;
using Gateway.Processes.Spool;

namespace Gateway.Processes.Runner;

internal enum RequestKind
{
    Hello,
    Start,
    Renew,
    Stop,
    Release,
}

/// <summary>From worker to runner. Members a kind does not use are left out.</summary>
internal sealed record RunnerRequest
{
    public const int ProtocolVersion = 1;

    public required RequestKind Kind { get; init; }

    /// <summary>Number that the answer repeats.</summary>
    public long Sequence { get; init; }

    /// <summary>Hello: the protocol that the worker speaks.</summary>
    public int Version { get; init; }

    /// <summary>Start: the order.</summary>
    public RunSpec? Spec { get; init; }

    /// <summary>Start: name of the file in <c>incoming</c> that holds the stdin; null for none.</summary>
    public string? StdinFile { get; init; }

    public string? SecretVariable { get; init; }

    public byte[]? SecretValue { get; init; }

    /// <summary>Renew, Stop, Release: which runs.</summary>
    public IReadOnlyList<RunId>? Runs { get; init; }

    /// <summary>Renew: the new deadline from now. Stop: the grace.</summary>
    public TimeSpan Span { get; init; }
}

internal enum ReplyKind
{
    Welcome,
    Done,
    Changed,
    Refused,
    Superseded,
}

/// <summary>From runner to worker.</summary>
internal sealed record RunnerReply
{
    public required ReplyKind Kind { get; init; }

    public long Sequence { get; init; }

    /// <summary>Refused and Superseded: why, for an operator.</summary>
    public string? Error { get; init; }

    /// <summary>Welcome: all runs. Done after Start, and Changed: the one.</summary>
    public IReadOnlyList<RunState>? Runs { get; init; }

    public Guid WorkerId { get; init; }

    public long Epoch { get; init; }

    public RunnerInfo? Info { get; init; }
}

/// <summary>Whose folder it is, and how often someone attached to it: <c>identity.json</c>.</summary>
internal sealed record RunnerIdentity(Guid WorkerId, long Epoch);

[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunnerRequest))]
[JsonSerializable(typeof(RunnerReply))]
[JsonSerializable(typeof(RunEnd))]
internal sealed partial class RunnerJson : JsonSerializerContext;
