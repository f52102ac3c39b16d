using Gateway.Api.Mcp.Arguments;

namespace Gateway.Api.Mcp.Starters;

/// <summary>Whether the caller itself wants a person to be asked before its run starts. It adds a question to those of the policy, and never removes one.</summary>
internal static class CallerQuestionRule
{
    public const string Strategy = "approvalStrategy";
    public const string Legacy = "legacy";
    public const string Managed = "mcp_managed";
    public const string Policy = "approvalPolicy";
    public const string Balanced = "balanced";
    private const string Strict = "strict";
    private const string Permissive = "permissive";

    public static IReadOnlyList<string> Policies { get; } = [Strict, Balanced, Permissive];

    /// <summary>Whether a person is to be asked.</summary>
    /// <param name="arguments">The call.</param>
    /// <param name="standard">What counts when the call names no policy.</param>
    /// <param name="writes">The run can change files.</param>
    /// <param name="bypasses">The run would ask nobody before it acts.</param>
    public static bool Asks(ParsedArguments arguments, string standard, bool writes, bool bypasses) =>
        arguments.Text(Strategy) == Managed && (arguments.Text(Policy) ?? standard) switch
        {
            Strict => true,
            Permissive => bypasses,
            _ => writes,
        };
}
