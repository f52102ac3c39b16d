using Gateway.Contracts.Values;
using Xunit;

namespace Gateway.Tests.Contracts;

public sealed class KeyShapesSpecs
{
    [Theory]
    [InlineData("Incorrect API key provided: sk-proj-abcdefghijklmnop1234. Try again", "Incorrect API key provided: [redacted] Try again")]
    [InlineData("(AIzaSyA-1234567890abcdef)", "([redacted])")]
    [InlineData("sk-ant-api03-0123456789 and gwk_0123456789abcdef", "[redacted] and [redacted]")]
    [InlineData("key=sk-0123456789abc", "key=[redacted]")]
    [InlineData("A task-force-of-many-people", "A task-force-of-many-people")]
    [InlineData("sk-short", "sk-short")]
    [InlineData("The model provider refused credential 'main' with status 401.", "The model provider refused credential 'main' with status 401.")]
    [InlineData("", "")]
    [InlineData("sk-", "sk-")]
    public void A_key_by_its_shape_is_replaced_and_words_stay(string text, string expected) => Assert.Equal(expected, KeyShapes.Without(text));

    [Fact]
    public void A_long_text_of_beginnings_is_looked_through_in_time()
    {
        var text = string.Concat(Enumerable.Repeat("sk- AIza eyJ ", 10_000));
        var began = TimeProvider.System.GetTimestamp();
        Assert.Equal(text, KeyShapes.Without(text));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }
}
