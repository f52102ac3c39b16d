using System.Globalization;

namespace Gateway.FakeAgent.Behaviour;

/// <summary>Which run this process is, from <c>GATEWAY_RUN</c>: job id and attempt, the attempt being its last number.</summary>
internal static class Run
{
    public static string Text { get; } = Environment.GetEnvironmentVariable("GATEWAY_RUN") ?? "none/1";

    public static int Attempt { get; } =
        int.TryParse(Text.AsSpan(Text.AsSpan().LastIndexOfAnyExceptInRange('0', '9') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) ? attempt : 1;
}
