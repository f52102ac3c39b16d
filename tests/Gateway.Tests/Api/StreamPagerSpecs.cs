using System.Text;
using CsCheck;
using Gateway.Contracts.Values;
using Gateway.Jobs.Reading;
using Xunit;

namespace Gateway.Tests.Api;

public sealed class StreamPagerSpecs
{
    private static readonly Guid Job = Guid.Parse("9f1c1f9e-3f5e-4b57-8f5e-0123456789ab");

    /// <summary>Well-formed characters of one to four bytes, and bytes that are none, in any order.</summary>
    private static readonly Gen<byte[]> Streams = Gen.OneOf(
            Gen.OneOf("a", "\n", "é", "€", "\uFFFD", "😀", "日本").Select(s => Encoding.UTF8.GetBytes(s)),
            Gen.Byte.Select(b => new[] { b }),
            Gen.OneOf<byte[]>([0xE2, 0x82], [0xF0, 0x9F, 0x98], [0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]))
        .Array[0, 60].Select(parts => parts.SelectMany(p => p).ToArray());

    [Fact]
    public void Pages_join_to_the_whole_text_and_their_offsets_to_the_whole_stream() =>
        Gen.Select(Streams, Gen.Int[2, 40]).Sample(
            (bytes, maxChars) =>
            {
                var store = Store(bytes);
                var text = new StringBuilder();
                long? next = 0;
                var source = Source(bytes, ended: true);
                while (next is { } offset)
                {
                    var page = Read(store, source, offset, maxChars);
                    Assert.Equal(offset, page.OffsetBytes);
                    Assert.Equal(text.Length, page.OffsetChars);
                    Assert.InRange(page.Text.Length, bytes.Length == 0 ? 0 : 1, maxChars);
                    text.Append(page.Text);
                    Assert.Equal(page.NextOffsetBytes is null ? null : text.Length, page.NextOffsetChars);
                    Assert.Equal(page.NextOffsetBytes is not null, page.Truncated);
                    Assert.Equal(Plain(bytes).Length, page.TotalChars);
                    next = page.NextOffsetBytes;
                }

                Assert.Equal(Plain(bytes), text.ToString());
            },
            iter: 2000);

    [Fact]
    public void Pages_of_well_formed_text_join_to_the_exact_bytes() =>
        Gen.Select(Gen.OneOf("a", "é", "€", "😀").Array[0, 80].Select(string.Concat), Gen.Int[2, 30]).Sample(
            (text, maxChars) =>
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                var joined = new List<byte>();
                long? next = 0;
                while (next is { } offset)
                {
                    var page = Read(Store(bytes), Source(bytes, ended: true), offset, maxChars);
                    Assert.DoesNotContain('\uFFFD', page.Text);
                    joined.AddRange(Encoding.UTF8.GetBytes(page.Text));
                    next = page.NextOffsetBytes;
                }

                Assert.Equal(bytes, joined);
            });

    [Fact]
    public void A_stream_that_arrives_in_odd_pieces_shows_no_broken_character() =>
        Gen.Select(Gen.OneOf("a", "é", "€", "😀").Array[0, 40].Select(string.Concat), Gen.Int[1, 5], Gen.Int[2, 30]).Sample(
            (text, step, maxChars) =>
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                var store = Store(bytes);
                var seen = new StringBuilder();
                var offset = 0L;
                for (var stored = 0; stored <= bytes.Length + step; stored += step)
                {
                    var length = Math.Min(stored, bytes.Length);
                    var page = Read(store, Source(bytes, ended: false) with { LengthBytes = length }, offset, maxChars);
                    Assert.DoesNotContain('\uFFFD', page.Text);
                    seen.Append(page.Text);
                    offset = Assert.NotNull(page.NextOffsetBytes);
                }

                while (Read(store, Source(bytes, ended: true), offset, maxChars) is { Text.Length: > 0 } rest)
                {
                    seen.Append(rest.Text);
                    offset = rest.EndBytes;
                }

                Assert.Equal(text, seen.ToString());
            });

    [Fact]
    public void A_page_from_any_byte_begins_at_a_character_at_most_three_bytes_before() =>
        Gen.Select(Streams, Gen.Int[0, 200], Gen.Bool).Sample(
            (bytes, offset, ended) =>
            {
                var page = Read(Store(bytes), Source(bytes, ended), offset, 10);
                var asked = Math.Min(offset, bytes.Length);
                Assert.InRange(page.OffsetBytes, asked - 3, asked);
                Assert.Contains((int)page.OffsetBytes, Boundaries(bytes, ended));
                Assert.DoesNotContain(Boundaries(bytes, ended), b => b > page.OffsetBytes && b <= asked);
            },
            iter: 5000);

    [Fact]
    public void An_offset_in_characters_leads_to_the_same_page_as_its_offset_in_bytes() =>
        Gen.Select(Streams, Gen.Int[0, 100]).Sample(
            (bytes, chars) =>
            {
                var source = Source(bytes, ended: true);
                var byChars = Wait(new StreamPager().ReadFromCharAsync(Store(bytes), source, chars, 10, default));
                var byBytes = Read(Store(bytes), source, byChars.OffsetBytes, 10);
                Assert.Equal(byBytes, byChars);
                var text = Plain(bytes);
                var expected = Math.Min(chars, text.Length);
                expected -= expected > 0 && expected < text.Length && char.IsLowSurrogate(text[expected]) ? 1 : 0;
                Assert.Equal(expected, byChars.OffsetChars);
            },
            iter: 3000);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Places_far_inside_a_long_stream_are_found_in_pieces(bool wellFormed)
    {
        // Longer than several marks of the index, of a period that no piece divides.
        var period = Encoding.UTF8.GetBytes("a€é😀-" + "x");
        var bytes = Enumerable.Range(0, 200_000).SelectMany(_ => period).ToArray();
        if (!wellFormed)
        {
            bytes[1_000_003] = 0xFF;
            bytes[300_000] = 0x80;
        }

        var text = Plain(bytes);
        var store = Store(bytes);
        var pager = new StreamPager();
        foreach (var chars in new[] { 0, 1, 262_143, 262_145, 700_001, text.Length - 1, text.Length, text.Length + 5 })
        {
            var page = Wait(pager.ReadFromCharAsync(store, Source(bytes, ended: true), chars, 100, default));
            var from = (int)Assert.NotNull(page.OffsetChars);
            Assert.InRange(Math.Min(chars, text.Length) - from, 0, 1);
            Assert.Equal(text.Substring(from, page.Text.Length), page.Text);
            Assert.Equal(text.Length, page.TotalChars);
        }

        Assert.InRange(store.LargestRead, 1, 300_000);
        Assert.InRange(store.BytesRead, bytes.Length, 8L * bytes.Length);
    }

    [Fact]
    public void A_second_page_of_a_long_stream_does_not_read_it_all_again()
    {
        var bytes = new byte[20_000_000];
        Array.Fill(bytes, (byte)'x');
        var store = Store(bytes);
        var pager = new StreamPager();
        _ = Wait(pager.ReadAsync(store, Source(bytes, ended: true), 0, 1000, true, default));
        var first = store.BytesRead;

        _ = Wait(pager.ReadAsync(store, Source(bytes, ended: true), 10_000_000, 1000, true, default));

        Assert.InRange(store.BytesRead - first, 1, 1_000_000);
    }

    private static StreamPage Read(FakeOutput store, StreamSource source, long offset, int maxChars) =>
        Wait(new StreamPager().ReadAsync(store, source, offset, maxChars, countChars: true, default));

    /// <summary>The fake store answers at once, so the task is complete.</summary>
    private static StreamPage Wait(Task<StreamPage> page)
    {
        Assert.True(page.IsCompleted);
        return page.GetAwaiter().GetResult();
    }

    private static FakeOutput Store(byte[] bytes)
    {
        var store = new FakeOutput();
        store.Streams[(Job, 1, OutputStream.Stdout)] = bytes;
        return store;
    }

    private static StreamSource Source(byte[] bytes, bool ended) => new(Job, 1, OutputStream.Stdout, bytes.Length, ended);

    /// <summary>The plainest reading there is: a character if one is there, else one mark for one byte.</summary>
    private static string Plain(byte[] bytes)
    {
        var text = new StringBuilder();
        for (var i = 0; i < bytes.Length;)
        {
            var done = Rune.DecodeFromUtf8(bytes.AsSpan(i), out var rune, out var length) == System.Buffers.OperationStatus.Done;
            text.Append(done ? rune.ToString() : "\uFFFD");
            i += done ? length : 1;
        }

        return text.ToString();
    }

    private static List<int> Boundaries(byte[] bytes, bool ended)
    {
        var places = new List<int>();
        for (var i = 0; i < bytes.Length;)
        {
            places.Add(i);
            var status = Rune.DecodeFromUtf8(bytes.AsSpan(i), out _, out var length);
            if (status == System.Buffers.OperationStatus.NeedMoreData && !ended)
            {
                return places;
            }

            i += status == System.Buffers.OperationStatus.Done ? length : 1;
        }

        places.Add(bytes.Length);
        return places;
    }
}
