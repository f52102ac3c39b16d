using Xunit;

namespace Gateway.EndToEndTests.Support;

/// <summary>Waits for conditions, never for a time alone.</summary>
internal static class Wait
{
    /// <summary>Generous, since machines that run tests are busy; a test that passes never waits so long.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    public static Task UntilAsync(Func<bool> condition, string what, TimeSpan? atMost = null) =>
        UntilAsync(() => Task.FromResult(condition()), what, atMost);

    public static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan? atMost = null)
    {
        var limit = atMost ?? Long;
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < limit, $"Not within {limit.TotalSeconds} s: {what}");
            await Task.Delay(BetweenLooks, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A file with that many lines; its lines.</summary>
    public static async Task<string[]> LinesAsync(string file, int count, TimeSpan? atMost = null)
    {
        string[] lines = [];
        await UntilAsync(() => (lines = LinesOf(file)).Length >= count, $"{count} lines in {Path.GetFileName(file)}", atMost);
        return lines;
    }

    public static string[] LinesOf(string file) => File.Exists(file) ? File.ReadAllLines(file) : [];
}
