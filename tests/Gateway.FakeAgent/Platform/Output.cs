using System.Text;

namespace Gateway.FakeAgent.Platform;

/// <summary>Stdout and stderr as descriptors, unbuffered; every stdout byte also goes to the copy file when there is one.</summary>
internal static class Output
{
    /// <summary>A file that gets the same bytes as stdout, so that a test can compare hashes.</summary>
    public static string? CopyFile { get; set; }

    public static void Line(string text) => Bytes(Encoding.UTF8.GetBytes(text + "\n"));

    public static void Bytes(ReadOnlySpan<byte> bytes)
    {
        if (CopyFile is { } file)
        {
            Native.Append(file, bytes);
        }

        if (!Native.Write(1, bytes))
        {
            Native.Exit(1);
        }
    }

    public static void Error(string text) => Native.Write(2, Encoding.UTF8.GetBytes(text));
}
