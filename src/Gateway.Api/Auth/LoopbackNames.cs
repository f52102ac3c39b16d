namespace Gateway.Api.Auth;

/// <summary>Names by which a machine reaches itself.</summary>
internal static class LoopbackNames
{
    public static IReadOnlyList<string> All { get; } = ["localhost", "127.0.0.1", "[::1]"];
}
