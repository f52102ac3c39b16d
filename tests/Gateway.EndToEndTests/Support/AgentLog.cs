using System.Globalization;

namespace Gateway.EndToEndTests.Support;

/// <summary>Reads what the fake agent's verb <c>log</c> wrote: <c>start</c> and <c>stop:CODE</c> of every run on one monotonic clock.</summary>
internal static class AgentLog
{
    public static int Starts(string file) => Wait.LinesOf(file).Count(l => l.StartsWith("start ", StringComparison.Ordinal));

    public static IReadOnlyList<AgentRun> Read(string file)
    {
        var lines = Wait.LinesOf(file).Select(l => l.Split(' ')).ToList();
        return
        [
            .. from start in lines
               where start[0] == "start"
               let stop = lines.Find(l => l[0] != "start" && l[1] == start[1] && Ticks(l) >= Ticks(start))
               let run = start[1].Split('/')
               select new AgentRun(Guid.Parse(run[0]), Number(run[1]), Ticks(start), stop is null ? null : Ticks(stop), stop is null ? null : Number(stop[0]["stop:".Length..])),
        ];
    }

    private static long Ticks(string[] line) => long.Parse(line[3], CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
