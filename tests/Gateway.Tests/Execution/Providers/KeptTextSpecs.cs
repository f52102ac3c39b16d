using System.Text.Json;
using Gateway.Execution.Providers;
using Xunit;

namespace Gateway.Tests.Execution.Providers;

/// <summary>Text gathered from an agent's JSON: whole characters, up to a limit, whatever the agent wrote.</summary>
public sealed class KeptTextSpecs
{
    [Theory]
    [InlineData("""["plain", " and more"]""", "plain and more")]
    [InlineData("""["a\n\u0000\"\\\u00e9", "\ud83d\ude00é😀"]""", "a\n\0\"\\é😀é😀")]
    [InlineData("""["cut \ud83d", "!"]""", "cut \uFFFD!")]
    [InlineData("""["a", 7, null, {"b": "c"}, "d"]""", "ad")]
    [InlineData("[]", "")]
    public void Texts_are_joined_as_they_were_meant_and_anything_else_adds_nothing(string json, string expected)
    {
        var kept = new KeptText(1_000);

        AddAll(kept, json);

        Assert.Equal(expected, kept.ToString());
        Assert.Equal(expected.Length == 0, kept.IsEmpty);
    }

    [Theory]
    [InlineData(3, "aa")]
    [InlineData(4, "aaé")]
    [InlineData(7, "aaé")]
    [InlineData(8, "aaé😀")]
    [InlineData(9, "aaé😀b")]
    public void The_limit_cuts_between_characters(int limit, string expected)
    {
        var kept = new KeptText(limit);

        AddAll(kept, """["aaé😀", "b"]""");

        Assert.Equal(expected, kept.ToString());
    }

    [Fact]
    public void What_was_cleared_is_gone_and_the_room_is_used_again()
    {
        var kept = new KeptText(100);
        AddAll(kept, """["something long that goes"]""");

        kept.Clear();
        AddAll(kept, """["new"]""");

        Assert.Equal("new", kept.ToString());
    }

    [Fact]
    public void Blocks_of_a_megabyte_take_no_new_memory_each()
    {
        using var line = JsonDocument.Parse($"\"{new string('x', 1_000_000)}\"");
        var kept = new KeptText(1024 * 1024);
        kept.Add(line.RootElement);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 20; i++)
        {
            kept.Clear();
            kept.Add(line.RootElement);
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    private static void AddAll(KeptText kept, string json)
    {
        using var document = JsonDocument.Parse(json);
        foreach (var text in document.RootElement.EnumerateArray())
        {
            kept.Add(text);
        }
    }
}
