using System.Text;
using Gateway.FakeAgent.Platform;

namespace Gateway.FakeAgent.CommandLine;

/// <summary>Reads the prompt from stdin to its end, unless the part already read says <c>close-stdin</c>.</summary>
internal static class Prompt
{
    public static string Read(string? argument)
    {
        var buffer = new byte[4096];
        var used = 0;
        while (Native.Read(0, buffer.AsSpan(used)) is var count and > 0)
        {
            used += count;
            if (buffer.AsSpan(0, used).IndexOf("close-stdin"u8) >= 0)
            {
                _ = Native.Close(0);
                break;
            }

            if (used == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 4);
            }
        }

        var text = Encoding.UTF8.GetString(buffer, 0, used);
        return argument is null ? text : text.Length == 0 ? argument : argument + "\n" + text;
    }
}
