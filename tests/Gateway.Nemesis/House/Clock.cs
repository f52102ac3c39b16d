namespace Gateway.Nemesis.House;

/// <summary>The driver's clocks: monotonic ticks, which every process of the machine shares, and the wall clock that the database's rows have.</summary>
internal static class Clock
{
    public static long Ticks => TimeProvider.System.GetTimestamp();

    public static long NowMs => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    public static TimeSpan Since(long ticks) => TimeProvider.System.GetElapsedTime(ticks);

    public static Task Pause(TimeSpan time, CancellationToken cancellationToken) => Task.Delay(time, TimeProvider.System, cancellationToken);

    public static Task Pause(int ms, CancellationToken cancellationToken) => Pause(TimeSpan.FromMilliseconds(ms), cancellationToken);

    /// <summary>Looks until it holds; false when it did not in time.</summary>
    public static async Task<bool> UntilAsync(Func<Task<bool>> condition, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var began = Ticks;
        while (!await condition())
        {
            if (Since(began) > atMost)
            {
                return false;
            }

            await Pause(100, cancellationToken);
        }

        return true;
    }
}
