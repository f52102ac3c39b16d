using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.FakeAgent.Platform;
using Gateway.FakeAgent.Stream;

namespace Gateway.FakeAgent.Behaviour;

/// <summary>What this process was started with, as one JSON object; the key on its descriptor is told by its hash alone.</summary>
internal static class Dump
{
    public static string OfThisProcess(string prompt)
    {
        // Before anything else is opened here.
        var descriptors = Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(d => $"{Path.GetFileName(d)} {File.ResolveLinkTarget(d, false)?.FullName}").Order().ToList();
        var variables = Environment.GetEnvironmentVariables();
        var environment = variables.Keys.Cast<string>().Order(StringComparer.Ordinal).Select(name => $"{Json.Text(name)}:{Json.Text((string?)variables[name])}");
        return $$"""
            {"argv":{{Json.List(Environment.GetCommandLineArgs().Skip(1))}},"env":{{{string.Join(',', environment)}}},"cwd":{{Json.Text(Environment.CurrentDirectory)}},"uid":{{Native.UserId()}},"pid":{{Environment.ProcessId}},"ppid":{{Native.ParentId()}},"session":{{Native.SessionId(0)}},"fds":{{Json.List(descriptors)}},"keySha256":{{Json.Text(KeyHash())}},"promptChars":{{prompt.Length}},"promptSha256":{{Json.Text(Hash(Encoding.UTF8.GetBytes(prompt)))}}}
            """;
    }

    private static string? KeyHash()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable("CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR"), NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor))
        {
            return null;
        }

        var buffer = new byte[8192];
        var count = Native.Read(descriptor, buffer);
        return count <= 0 ? null : Hash(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(buffer, 0, count).Trim()));
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
